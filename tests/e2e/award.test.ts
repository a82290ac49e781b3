import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { callRpc, startDevnet, startDevnetWith } from "../support/devnet.ts";
import { FINAL_TIMEOUT_MS, People } from "../support/people.ts";
import { runStegos } from "../support/stegos-command.ts";

/** A week of three epochs of ten seconds. Whoever misses a turn on a busy machine is still eligible. */
const PARAMS = { epochMs: 10_000, weekEpochs: 3, awardDelayBlocks: 3, awardSignBp: 5_000 };
const DRAW_TIMEOUT_MS = 240_000;

interface Draw {
  readonly week: number;
  readonly winner: string;
  readonly amount: string;
  readonly beacon_height: number;
  readonly eligible_list: readonly string[];
}

let people: People;

const past = async (): Promise<readonly Draw[]> =>
  (await callRpc<{ readonly past: readonly Draw[] }>(people.devnet.url, "award")).past;

beforeAll(async () => {
  people = await People.gather(() => startDevnetWith(PARAMS));
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

describe("the award of a week on a network of four validators", () => {
  it("[AW-4] is drawn, and every node shows it with its proofs", async () => {
    await vi.waitFor(async () => expect((await past()).length).toBeGreaterThan(0), {
      timeout: DRAW_TIMEOUT_MS,
      interval: 1_000,
    });
    const [draw] = (await past()).slice(-1);
    expect(draw!.eligible_list).toContain(draw!.winner);
    for (const { rpc } of people.devnet.file.validators) {
      const others = await callRpc<{ readonly past: readonly Draw[] }>(rpc, "award");
      // The certificate of the drawing block itself may hold other signatures at another node.
      expect(others.past.at(-1)).toMatchObject({ week: draw!.week, winner: draw!.winner, amount: draw!.amount });
    }
  });

  it("[AW-4] stands up to the recheck of stegos explorer from the genesis, and nothing else does", async () => {
    const rpc = ["--rpc", `${people.devnet.url}/rpc`];
    const { hash } = await callRpc<{ readonly hash: string }>(people.devnet.url, "get_boundary", { height: 0 });
    const ran = await runStegos(["explorer", "award", "--json", ...rpc, "--checkpoint", `0:${hash}`]);
    expect(ran, ran.notes).toMatchObject({ code: 0, notes: "" });
    const shown = JSON.parse(ran.out) as { readonly past: readonly (Draw & { readonly recheck: unknown })[] };
    expect(shown.past.length).toBeGreaterThan(0);
    expect(shown.past.map(({ recheck }) => recheck)).toEqual(shown.past.map(() => "ok"));
    const wrong = await runStegos(["explorer", "award", ...rpc, "--checkpoint", `0:${"00".repeat(32)}`]);
    expect(wrong).toMatchObject({ code: 1, out: "" });
    expect(wrong.notes).toContain("[other_checkpoint]");
  });

  it("[AW-4] is on the Explore screen, rechecked by the browser", async () => {
    const alice = await people.arriveWithWallet("alice");
    await alice.page.getByRole("link", { name: "Explore" }).click();
    const [draw] = (await past()).slice(-1);
    const row = alice.page.locator(`[data-testid="award-past"][data-week="${draw!.week}"]`);
    await row.waitFor({ timeout: FINAL_TIMEOUT_MS });
    expect(await row.getAttribute("data-winner")).toBe(draw!.winner);
    expect(await row.getAttribute("data-amount")).toBe(draw!.amount);
    await row.and(alice.page.locator('[data-recheck="ok"]')).waitFor({ timeout: FINAL_TIMEOUT_MS });
    expect(await row.textContent()).toContain(draw!.winner.slice(0, 8));
    expect(people.trespasses).toEqual([]);
  });

  it("[NW-20] a payment that the network makes in public is found by its address, and its block is shown", async () => {
    const alice = await people.arriveWithWallet("searcher");
    const [validator] = await callRpc<readonly { readonly reward_address: string }[]>(people.devnet.url, "validators");
    const address = validator!.reward_address;
    interface Found {
      readonly public_payments: readonly { readonly height: number; readonly amount: string }[];
    }
    const paid = await vi.waitFor(
      async () => {
        const found = await callRpc<Found>(people.devnet.url, "search", { text: address });
        expect(found.public_payments.length).toBeGreaterThan(0);
        return found.public_payments;
      },
      { timeout: DRAW_TIMEOUT_MS, interval: 1_000 },
    );
    const { page } = alice;
    await page.getByRole("link", { name: "Explore" }).click();
    await page.getByTestId("search-text").fill(address);
    await page.getByTestId("search-submit").click();
    const hit = page.locator('[data-testid="search-hit"][data-type="payment"]').first();
    await hit.waitFor({ timeout: FINAL_TIMEOUT_MS });
    await hit.click();
    const block = page.getByTestId("look-block");
    await block.waitFor({ timeout: FINAL_TIMEOUT_MS });
    const height = Number(await block.getAttribute("data-height"));
    const { hash } = await callRpc<{ readonly hash: string }>(people.devnet.url, "get_block", { height });
    expect(await block.getAttribute("data-id")).toBe(hash);
    await block.locator('[data-testid="explore-source"][data-checked="true"]').waitFor();
    const output = page.locator('[data-testid="look-output"][data-type="public"]', { hasText: address });
    const shown = await output.first().getAttribute("data-amount");
    const told = (await callRpc<Found>(people.devnet.url, "search", { text: address })).public_payments;
    expect(told.filter((each) => each.height === height).map(({ amount }) => amount)).toContain(shown);
    expect(paid.length).toBeGreaterThan(0);
    expect(people.trespasses).toEqual([]);
  });

  it("[AW-4] is still known after the network was stopped and started", async () => {
    const before = (await past()).at(-1)!;
    expect(await people.devnet.stop()).toBe(0);
    people.devnet = await startDevnet({ directory: people.devnet.directory, fast: true });
    expect((await past()).at(-1)).toEqual(before);
  });
});
