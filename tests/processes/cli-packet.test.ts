import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandLineWallets, jsonOf } from "../support/command-line-wallets.ts";
import { callRpc } from "../support/devnet.ts";
import { eventually } from "../support/eventually.ts";

const TOTAL = 9_000_000n;
const SHARES = 3;

interface Made {
  readonly id: string;
  readonly leaf: number;
  readonly link: string;
  readonly fee: string;
}

interface Opened {
  readonly state: string;
  readonly amount: string;
  readonly greeting: string;
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly amount: string;
  readonly back?: string;
}

describe("stegos wallet packet on a real network", () => {
  let wallets: CommandLineWallets;

  beforeAll(async () => {
    wallets = await CommandLineWallets.start();
  }, 180_000);

  afterAll(() => wallets.end(), 60_000);

  const open = (name: string, link: string): Promise<Opened> => wallets.json<Opened>(name, ["open"], link);
  const rows = (name: string): Promise<readonly Row[]> => wallets.lines<Row>(name, ["packets"]);

  let packet: Made;

  it("[RP-6] strangers without a coin open it, each once, until nothing is left", { timeout: 300_000 }, async () => {
    const { address } = await wallets.json<{ address: string }>("creator", ["create"]);
    await wallets.payByFaucet("creator", address);
    const making = ["packet", "--amount", "9", "--shares", `${SHARES}`, "--greeting", "Good luck"];
    packet = await wallets.json<Made>("creator", making);
    expect(packet.link).toMatch(/\/r#[\w-]{42}$/);
    let sum = 0n;
    for (const name of ["first", "second", "third"]) {
      await wallets.json(name, ["create"]);
      const opened = await open(name, `Look what I got: ${packet.link}`);
      expect(opened).toMatchObject({ state: "won", greeting: "Good luck" });
      sum += BigInt(opened.amount);
      expect(await wallets.json(name, ["balance"])).toMatchObject({ total: opened.amount });
    }
    expect(sum).toBe(TOTAL);
    expect(await wallets.refusal("first", ["open"], packet.link)).toContain("[already_opened]");
    await wallets.json("late", ["create"]);
    expect(await wallets.refusal("late", ["open"], packet.link)).toContain("[gone]");
    expect(await rows("creator")).toMatchObject([
      { id: packet.id, state: "over", amount: TOTAL.toString(), back: "0" },
    ]);
  });

  it("[RP-13] anybody rechecks how it was shared out", { timeout: 120_000 }, async () => {
    const words = ["explorer", "packet", `${packet.leaf}`, "--verify", "--rpc", `${wallets.devnet.url}/rpc`];
    const shown = await jsonOf<{ opened: unknown[]; checks: { check: string; held: boolean }[] }>(words);
    expect(shown.opened).toHaveLength(SHARES);
    expect(shown.checks.filter(({ held }) => !held)).toEqual([]);
  });

  it("[RP-7] what nobody has opened comes back when its creator asks for it", { timeout: 300_000 }, async () => {
    const made = await wallets.json<Made>("creator", ["packet", "--amount", "6", "--shares", "2", "--equal"]);
    const opened = await open("late", made.link);
    expect(opened).toMatchObject({ state: "won", amount: "3000000" });
    const back = await wallets.json<{ back: string }>("creator", ["take-back", made.id]);
    expect(BigInt(back.back)).toBeGreaterThanOrEqual(3_000_000n);
    expect(await wallets.refusal("first", ["open"], made.link)).toContain("[gone]");
  });

  it(
    "[RP-7] what nobody has opened comes back by itself at its end, its maker's app closed",
    { timeout: 300_000 },
    async () => {
      const making = ["packet", "--amount", "8", "--shares", "2", "--equal", "--minutes", "1"];
      const made = await wallets.json<Made>("creator", making);
      expect(await open("third", made.link)).toMatchObject({ state: "won", amount: "4000000" });
      const before = BigInt((await wallets.json<{ total: string }>("creator", ["balance"])).total);
      // Nobody of these looks at the wallet, and no command of its maker's runs.
      await eventually(async () =>
        expect(await callRpc(wallets.devnet.url, "get_output", { index: made.leaf })).toMatchObject({ live: false }),
      );
      const row = (await rows("creator")).find(({ id }) => id === made.id);
      expect(row).toMatchObject({ state: "over" });
      // With what its opening would have cost.
      const back = BigInt(row!.back!);
      expect(back).toBeGreaterThanOrEqual(4_000_000n);
      await wallets.balance("creator", before + back);
      expect(await wallets.refusal("first", ["open"], made.link)).toContain("[gone]");
    },
  );

  it("[RP-9] a gift is for whoever opens its link first", { timeout: 300_000 }, async () => {
    const gift = await wallets.json<Made>("creator", ["packet", "--amount", "2", "--gift"]);
    const before = BigInt((await wallets.json<{ total: string }>("second", ["balance"])).total);
    await wallets.json("second", ["open"], gift.link);
    const after = BigInt((await wallets.json<{ total: string }>("second", ["balance"])).total);
    expect(after).toBeGreaterThan(before + 1_000_000n);
    expect(await wallets.refusal("third", ["open"], gift.link)).toContain("[gone]");
  });
});
