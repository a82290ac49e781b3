import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../support/browser.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

const PAYMENTS_MAX = 6;

/** One moment of the page: its lines of history as `id state amount`, and the balance. */
interface Moment {
  readonly rows: readonly string[];
  readonly total: string | null;
}

/** Keeps every state the page goes through: what is on its way is so for a second. */
const WATCH = `(() => {
  window.moments = [];
  const look = () => {
    const rows = [...document.querySelectorAll('[data-testid="history-row"]')].map(({ dataset }) =>
      dataset.txid + " " + dataset.state + " " + dataset.amount);
    const total = document.querySelector('[data-testid="home-balance"]')?.getAttribute("data-total") ?? null;
    window.moments.push({ rows, total });
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
})()`;

let people: People;
let bob: Person;

beforeAll(async () => {
  people = await People.gather();
  bob = await people.arriveWithWallet("bob");
});

afterAll(async () => {
  await people.leave();
});

async function payFromFaucet(address: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${people.devnet.url}/faucet`, {
    method: "POST",
    headers,
    body: JSON.stringify({ address }),
  });
  expect(answer.ok).toBe(true);
}

describe("a payment to somebody whose app is open", () => {
  it("[NW-13] is seen on its way before it is final, and counts only once it is", async () => {
    const address = await bob.attribute("receive-address", "data-address");
    await bob.page.evaluate(WATCH);
    let moments: readonly Moment[] = [];
    const announced = (): readonly Moment[] =>
      moments.filter(({ rows }) => rows.some((row) => row.startsWith("pool:")));
    // A block may come faster than a worker looks at what waits; not every time.
    for (let count = 1; count <= PAYMENTS_MAX && announced().length === 0; count++) {
      if (count > 1) await new Promise((resolve) => setTimeout(resolve, 10_500));
      await payFromFaucet(address);
      await bob.seeBalance(FAUCET_MICRO * BigInt(count), FINAL_TIMEOUT_MS);
      moments = await bob.page.evaluate<readonly Moment[]>("window.moments");
    }
    expect(announced().length).toBeGreaterThan(0);
    const [first] = announced();
    const [pending] = first!.rows.filter((row) => row.startsWith("pool:"));
    expect(pending).toMatch(/^pool:[0-9a-f]{64} sent 1000000000$/);
    // What has arrived is what counts, whatever is announced beside it.
    const arrived = first!.rows.filter((row) => row.startsWith("leaf:")).length;
    expect(first!.total).toBe(`${FAUCET_MICRO * BigInt(arrived)}`);
    const last = moments.at(-1)!;
    expect(last.rows.every((row) => row.startsWith("leaf:"))).toBe(true);
  });
});
