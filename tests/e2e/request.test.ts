import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import type { Person } from "../support/browser.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

const NOTE = "Lunch on Friday";
const REFERENCE = "2026-117";

let people: People;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  people = await People.gather();
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

async function openReceive(person: Person): Promise<void> {
  await person.page.goto(`${people.devnet.url}/pay/receive?lang=en`);
}

/** Makes a request in Receive and stays with its sheet; the link. */
async function ask(person: Person, stg: string): Promise<string> {
  await openReceive(person);
  await person.tap("request-new");
  await person.type("request-amount", stg);
  await person.type("request-note", NOTE);
  await person.type("request-reference", REFERENCE);
  await person.tap("request-create");
  return person.attribute("request-link", "data-link");
}

/** Opens a link as the payer does, and sees what is asked for. */
async function openAsked(person: Person, link: string): Promise<void> {
  await person.page.goto(link.replace("/p#", "/p?lang=en#"));
  await person.see("asked", "data-state", "ready", FINAL_TIMEOUT_MS);
}

async function confirm(person: Person): Promise<void> {
  await person.tap("pay-review");
  await person.tap("pay-confirm");
  await person.see("pay-status", "data-state", "final", FINAL_TIMEOUT_MS);
}

const seeStatus = (person: Person, status: string): Promise<void> =>
  person.see("request-status", "data-state", status, FINAL_TIMEOUT_MS);

describe("a request between two people on a network of real nodes", () => {
  let link = "";

  it("[AD-8] is a link that names amount and note, and pays with one yes", async () => {
    bob = await people.arriveWithWallet("bob");
    link = await ask(bob, "12.5");
    await seeStatus(bob, "open");
    alice = await people.arriveWithWallet("alice");
    await alice.tap("faucet");
    await alice.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
    await openAsked(alice, link);
    expect(await alice.attribute("asked-amount", "data-amount")).toBe("12500000");
    expect(await alice.page.getByTestId("asked-note").textContent()).toContain(NOTE);
    await alice.tap("asked-pay");
    await confirm(alice);
  });

  it("[AD-9] turns to paid before the eyes of whoever asked, with the note and the number of the invoice", async () => {
    await seeStatus(bob, "paid");
    await bob.page.getByText(en.request.received("12.5 STG")).waitFor();
    await bob.page.goto(`${people.devnet.url}/pay?lang=en`);
    await bob.seeBalance(12_500_000n, FINAL_TIMEOUT_MS);
    const row = bob.page.getByTestId("history-row").first();
    expect(await row.textContent()).toContain(NOTE);
    await openReceive(bob);
    await bob.see("request-row", "data-state", "paid");
  });

  it("[AD-9] is part paid by less than it asks for, and paid by the rest", async () => {
    const parts = await ask(bob, "5");
    for (const [stg, status] of [
      ["2", "part_paid"],
      ["3", "paid"],
    ] as const) {
      await openAsked(alice, parts);
      await alice.tap("asked-pay");
      await alice.type("pay-amount", stg);
      await confirm(alice);
      await seeStatus(bob, status);
    }
    await bob.page.getByText(en.request.received("5 STG")).waitFor();
  });

  it("[AD-8] of one's own leads to it, and to nobody's payment", async () => {
    await bob.page.goto(link.replace("/p#", "/p?lang=en#"));
    await bob.tap("asked-own");
    await seeStatus(bob, "paid");
  });

  it("[NW-12] the pages asked nobody else and their policy was never violated", () => {
    expect(people.trespasses).toEqual([]);
  });
});
