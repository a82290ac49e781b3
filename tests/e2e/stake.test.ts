import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { MICRO_PER_STG } from "../../src/core/values/amount.ts";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import type { Person } from "../support/browser.ts";
import { startDevnetWith } from "../support/devnet.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";
import { runStegos, startStegos } from "../support/stegos-command.ts";

const MINUTE_MS = 60_000;
/** Of tests that wait for several epochs after each other, also on a busy machine. */
const PATIENCE_MS = 12 * MINUTE_MS;
/** A network where a stake can be had back within the patience of a test; least seat 100 STG, least stake 10. */
const PARAMS = {
  epochMs: 10_000,
  minStake: 100_000_000,
  unbondingMs: MINUTE_MS,
  evidenceMs: MINUTE_MS,
  weekEpochs: 3,
  rewardPerS: 1_000_000_000,
};
/** Less than this waits for another week (RW-2). */
const LEAST_PAID = MICRO_PER_STG;
const STAKED = 200n * MICRO_PER_STG;

let people: People;
let alice: Person;
let folder: string;
let validator: ChildProcess | undefined;

const keyFile = (): string => join(folder, "validator.key");

async function stegos(...args: readonly string[]): Promise<string> {
  const { code, out, notes } = await runStegos(args);
  expect([code, notes]).toEqual([0, expect.any(String)]);
  return out.trim();
}

/** Opens the screen from wherever the person is. */
async function openStakes(person: Person): Promise<void> {
  await person.page.goto(`${people.devnet.url}/explore/stake?lang=en`);
  await person.page.getByRole("heading", { name: en.stake.title, exact: true }).waitFor();
}

/** The answer of the operator, who has the key, to an offer that the app makes for it. */
async function askOperator(person: Person, validatorKey: string): Promise<string> {
  await person.type("stake-key", validatorKey);
  await person.tap("stake-offer");
  const text = person.page.getByTestId("stake-offer-text");
  await text.waitFor();
  return stegos("key", "accept", keyFile(), (await text.textContent())!.trim());
}

async function review(person: Person, acceptance: string, stg: string): Promise<void> {
  await person.type("stake-acceptance", acceptance);
  await person.type("stake-amount", stg);
  await person.tap("stake-review");
}

async function refused(person: Person, acceptance: string, stg: string, words: string): Promise<void> {
  await review(person, acceptance, stg);
  await person.page.getByText(words).waitFor();
  expect(await person.page.getByRole("dialog").count()).toBe(0);
}

/** What an operator runs: a node with the key that has accepted the stake. */
function startValidator(): ChildProcess {
  const { addresses } = people.devnet.file.validators[0]!;
  const dial = addresses.find((address) => /\/tcp\/\d+(\/p2p\/|$)/.test(address))!;
  return startStegos([
    "node",
    "--network=dev",
    `--data=${join(folder, "node")}`,
    `--genesis=${new DevnetDirectory(people.devnet.directory).genesis}`,
    `--validator=${keyFile()}`,
    `--dial=${dial}`,
  ]);
}

/** Says yes to what is on show, and gives the fee that was named. */
async function confirm(person: Person): Promise<bigint> {
  const fee = BigInt(await person.attribute("stake-fee", "data-amount"));
  await person.tap("stake-confirm");
  await person.page.getByRole("dialog").waitFor({ state: "detached" });
  return fee;
}

const seeStake = (person: Person, status: string, timeoutMs = FINAL_TIMEOUT_MS): Promise<void> =>
  person.see("stake-row", "data-status", status, timeoutMs);

/** Looks until what is owed and what of it is due are as wanted. Each look asks anew, and nodes only where an epoch has ended. */
async function seeAccrued(person: Person, isWanted: (owed: bigint, due: bigint) => boolean): Promise<void> {
  const until = Date.now() + 5 * MINUTE_MS;
  for (;;) {
    await openStakes(person);
    // Who reaches no node asks again after a minute.
    await person.page.getByTestId("stake-accrued").waitFor({ timeout: 2 * MINUTE_MS });
    const owed = BigInt(await person.attribute("stake-accrued", "data-amount"));
    const due = BigInt(await person.attribute("stake-accrued", "data-due"));
    expect(due).toBe(owed < LEAST_PAID ? 0n : owed);
    if (isWanted(owed, due)) break;
    if (Date.now() > until) throw new Error(`${owed} are owed, ${due} of it due`);
  }
  if ((await person.attribute("stake-accrued", "data-amount")) === "0") return;
  const asOfMs = Number(await person.attribute("stake-accrued", "data-as-of"));
  const payoutMs = Number(await person.attribute("stake-payout", "data-until"));
  expect((payoutMs - asOfMs) / PARAMS.epochMs).toBeOneOf([1, 2, 3]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stegos-stake-"));
  people = await People.gather(() => startDevnetWith(PARAMS));
  alice = await people.arriveWithWallet("alice");
});

afterAll(async () => {
  validator?.kill("SIGTERM");
  expect(await people.leave()).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

describe("a stake in the app, on a network of real nodes", () => {
  let validatorKey = "";
  let acceptance = "";
  let fees = 0n;
  let earned = 0n;

  it("[ST-1] [ST-5] the screen names what this network asks before anybody types", async () => {
    await openStakes(alice);
    await alice.see("stake-least", "data-amount", `${PARAMS.minStake / 10}`);
    await alice.see("stake-unbonding", "data-ms", `${PARAMS.unbondingMs}`);
    await alice.page.getByText(en.stake.terms.lockedValue("1 minute")).waitFor();
    await alice.tap("stake-open");
    await alice.page.getByText(en.stake.form.least("10 STG")).waitFor();
    expect(await alice.page.getByTestId("stake-earned").count()).toBe(0);
  });

  it("is refused without coins, below the least, and without the validator's own answer to this wallet", async () => {
    validatorKey = await stegos("key", "new", "--out", keyFile());
    await openStakes(alice);
    await alice.tap("stake-open");
    await alice.type("stake-key", `${validatorKey.slice(0, -1)}x`);
    await alice.tap("stake-offer");
    await alice.page.getByText(en.stake.offerProblems.validator_key_invalid).waitFor();
    acceptance = await askOperator(alice, validatorKey);
    await refused(alice, acceptance, "200", en.stake.problems.insufficient_funds);
    await alice.page.goto(`${people.devnet.url}/pay?lang=en`);
    await alice.tap("faucet");
    await alice.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);

    const bob = await people.arriveWithWallet("bob");
    await openStakes(bob);
    await bob.tap("stake-open");
    const foreign = await askOperator(bob, validatorKey);
    await bob.close();

    await openStakes(alice);
    await alice.tap("stake-open");
    await refused(alice, acceptance, "9.999999", en.stake.form.tooSmall("10 STG"));
    const offered = acceptance.replace("accept", "offer");
    await refused(alice, offered, "200", en.stake.problems.acceptance_invalid);
    const damaged = `${acceptance.slice(0, -1)}${acceptance.endsWith("q") ? "p" : "q"}`;
    await refused(alice, damaged, "200", en.stake.problems.acceptance_invalid);
    await refused(alice, foreign, "200", en.stake.problems.acceptance_foreign);
    // Every coin and the fee on top of it.
    await review(alice, acceptance, "1000");
    await alice.page.locator('[data-testid="stake-amount"][aria-invalid="true"]').waitFor();
  });

  it("[ST-1] is locked once the person has looked at it", async () => {
    await review(alice, acceptance, "200");
    await alice.page.getByText(en.stake.sheet.titles.stake).waitFor();
    fees += await confirm(alice);
    await seeStake(alice, "bonded");
    expect(await alice.attribute("stake-row", "data-amount")).toBe(`${STAKED}`);
    // An answer is for one stake.
    await alice.tap("stake-open");
    await refused(alice, acceptance, "200", en.stake.problems.acceptance_used);
    await alice.page.goto(`${people.devnet.url}/pay?lang=en`);
    await alice.seeBalance(FAUCET_MICRO - STAKED - fees, FINAL_TIMEOUT_MS);
  });

  it(
    "[RW-2] earns once its validator has a seat, and names what was paid as such",
    { timeout: PATIENCE_MS },
    async () => {
      validator = startValidator();
      await openStakes(alice);
      await alice.page.getByText(en.stake.row.validating).waitFor({ timeout: 2 * MINUTE_MS });
      await seeAccrued(alice, (owed) => owed > 0n);
      const paid = alice.page.locator('[data-testid="stake-earned"]:not([data-amount="0"])');
      await paid.waitFor({ timeout: 3 * MINUTE_MS });
      await alice.page.goto(`${people.devnet.url}/pay/history?lang=en`);
      const rewards = alice.page.locator('[data-testid="history-row"]', {
        hasText: new RegExp(`${en.history.acts.payout}|${en.history.acts.award}`),
      });
      await rewards.first().waitFor();
      expect(await rewards.first().getAttribute("data-direction")).toBe("in");
    },
  );

  it("[ST-5] is asked back, counts down, also over a reload, and is withdrawn", { timeout: PATIENCE_MS }, async () => {
    await openStakes(alice);
    await alice.tap("unstake");
    const fee = await confirm(alice);
    await seeStake(alice, "unbonding");
    expect(await alice.attribute("stake-row", "data-amount")).toBe(`${STAKED - fee}`);
    const free = alice.page.getByTestId("stake-free");
    await free.locator(".when").waitFor({ timeout: FINAL_TIMEOUT_MS });
    const releaseMs = Number(await free.getAttribute("data-until"));
    expect(releaseMs).toBeGreaterThan(Date.now());
    expect(releaseMs).toBeLessThan(Date.now() + PARAMS.unbondingMs + PARAMS.epochMs);
    expect(await alice.page.getByTestId("withdraw").count()).toBe(0);
    await alice.reload();
    await alice.see("stake-free", "data-until", `${releaseMs}`);
    await seeStake(alice, "released", 3 * MINUTE_MS);
    expect(Date.now()).toBeGreaterThan(releaseMs);
    await alice.tap("withdraw");
    fees += fee + (await confirm(alice));
    await alice.page.getByText(en.stake.none).waitFor({ timeout: FINAL_TIMEOUT_MS });
    // Its validator has left the set, so nothing is earned any more, and what is due for the withdrawn stake comes. The rest
    // is too little to be paid, and nothing is added to it.
    await seeAccrued(alice, (_owed, due) => due === 0n);
    earned = BigInt(await alice.attribute("stake-earned", "data-amount"));
    expect(earned).toBeGreaterThan(0n);
    await alice.page.goto(`${people.devnet.url}/pay?lang=en`);
    await alice.seeBalance(FAUCET_MICRO + earned - fees, FINAL_TIMEOUT_MS);
    await alice.page.goto(`${people.devnet.url}/pay/history?lang=en`);
    await alice.page.getByTestId("history-row").first().waitFor();
    const titles = await alice.page.getByTestId("history-row").locator(".title").allTextContents();
    const { withdraw, unstake, stake } = en.history.acts;
    expect(titles.filter((title) => [withdraw, unstake, stake].some((act) => act === title))).toEqual([
      withdraw,
      unstake,
      stake,
    ]);
  });

  it("is told without the network as it stood last", async () => {
    await openStakes(alice);
    await alice.page.getByTestId("stake-earned").waitFor();
    validator?.kill("SIGTERM");
    expect(await people.devnet.stop()).toBe(0);
    await alice.page.getByTestId("stake-offline").waitFor({ timeout: 2 * MINUTE_MS });
    await alice.see("stake-earned", "data-amount", `${earned}`);
    await alice.see("stake-least", "data-amount", `${PARAMS.minStake / 10}`);
  });

  it("[NW-12] the pages asked nobody else and their policy was never violated", () => {
    expect(people.trespasses).toEqual([]);
  });
});
