import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { readWords, type Person } from "../support/browser.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

const RESTORE_TIMEOUT_MS = 120_000;
const DAY_MS = 86_400_000;

let people: People;
let alice: Person;
let bob: Person;
let words = "";
let balance = "";

/** From the first screen of a browser that had nothing. */
async function restore(person: Person, phrase: string, birthday?: string): Promise<void> {
  await person.tap("onboard-restore");
  await person.type("restore-phrase", phrase);
  if (birthday !== undefined) await person.type("restore-birthday", birthday);
  await person.tap("restore-submit");
  await person.page.getByTestId("home-balance").first().waitFor();
}

beforeAll(async () => {
  people = await People.gather();
  alice = await people.arriveWithWallet("alice");
  bob = await people.arriveWithWallet("bob");
  const bobAddress = await bob.attribute("receive-address", "data-address");
  const aliceAddress = await alice.attribute("receive-address", "data-address");
  await alice.tap("faucet");
  await alice.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
  await alice.pay({ to: bobAddress, stg: "12.5", note: "for the tea" }, FINAL_TIMEOUT_MS);
  await alice.pay({ to: bobAddress, stg: "1" }, FINAL_TIMEOUT_MS);
  await bob.pay({ to: aliceAddress, stg: "0.25", note: "change" }, FINAL_TIMEOUT_MS);
  await alice.page.getByText("change").first().waitFor({ timeout: FINAL_TIMEOUT_MS });
  words = await readWords(alice.page);
  await alice.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  balance = await alice.attribute("home-balance", "data-total");
  expect(words.split(" ").length).toBe(24);
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

describe("a wallet restored from its words", () => {
  it("[AD-1] has the same balance in another browser", async () => {
    const carol = await people.arrive("carol");
    await restore(carol, words);
    await carol.see("home-balance", "data-total", balance, RESTORE_TIMEOUT_MS);
    await carol.page.getByTestId("restored").waitFor({ timeout: RESTORE_TIMEOUT_MS });
    expect(await carol.attribute("home-balance", "data-usable")).toBe(balance);
    // What came is known with its note; what was paid is only in the other browser, and the history says so.
    await carol.tap("history-open");
    await carol.page.getByText(en.history.restored).waitFor();
    const rows = (await carol.page.getByTestId("history-row").allTextContents()).join();
    expect([rows.includes("change"), rows.includes("for the tea")]).toEqual([true, false]);
    await carol.page.goBack();
    await carol.reload();
    await carol.see("home-balance", "data-total", balance, FINAL_TIMEOUT_MS);
    await carol.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  });

  it("[BL-9] has it with a birthday as well, through reloads in the middle", async () => {
    const dora = await people.arrive("dora");
    await restore(dora, words, new Date(Date.now() - DAY_MS).toISOString().slice(0, 10));
    for (let reload = 0; reload < 3; reload++) {
      await dora.reload();
      await dora.page.getByTestId("home-balance").first().waitFor();
    }
    await dora.see("home-balance", "data-total", balance, RESTORE_TIMEOUT_MS);
    await dora.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
  });

  it("pays on from there, and its payment arrives", async () => {
    const dora = people.all.at(-1)!;
    const to = await bob.attribute("receive-address", "data-address");
    await dora.pay({ to, stg: "2", note: "from the new phone" }, FINAL_TIMEOUT_MS);
    await bob.page.getByText("from the new phone").first().waitFor({ timeout: FINAL_TIMEOUT_MS });
  });

  it("left no word in any page, address or store that a script can read", async () => {
    expect(people.trespasses).toEqual([]);
    const stored = await people.all
      .at(-1)!
      .page.evaluate(() => JSON.stringify([Object.entries(localStorage), window.history.state]));
    // Two words in a row: one alone may be a key of our own ("depth" is in the list of words too).
    const said = stored
      .toLowerCase()
      .split(/[^a-z]+/)
      .join(" ");
    const inOrder = words.split(" ");
    for (const [at, word] of inOrder.slice(1).entries()) expect(said).not.toContain(`${inOrder[at]} ${word}`);
  });
});
