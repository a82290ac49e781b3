import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { blockId, decodeHeader, encodeHeader } from "../../../../src/core/chain/header.ts";
import { height } from "../../../../src/core/values/height.ts";
import { createBlstBls } from "../../../../src/node/crypto/blst-bls.ts";
import type { JsonValue, RpcMethod } from "../../../../src/node/rpc/json-rpc.ts";
import { rpcMethodsOf } from "../../../../src/node/rpc/rpc-methods.ts";
import { extendToDraw, pastDrawsOf } from "../../../support/award-ledger.ts";
import { fakeNodeView } from "../../../support/fake-node-view.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { LedgerNode } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { RpcServer } from "../../../support/rpc-server.ts";

interface Shown {
  readonly past: readonly { readonly week: number; readonly winner: string; readonly recheck: unknown }[];
  readonly rechecked_from?: { readonly height: number; readonly hash: string; readonly is_given: boolean };
}

const params = { weekEpochs: 2, awardDelayBlocks: 3 };
const builder = new LedgerBuilder({ label: "explorer award", bls: createBlstBls(), params });
const { store } = await LedgerNode.open(builder, new MemoryStore());
await extendToDraw(builder, store);
await extendToDraw(builder, store);
const boundaries = await store.boundaries(height(0), 100);
const newest = boundaries.at(-1)!;
const hashes = new Map<number, string>();
for (const at of boundaries) hashes.set(at, formatHex(blockId(decodeHeader((await store.header(at))!))));

const draws = await pastDrawsOf(store);
const CHECKPOINT = (await fakeNodeView()).checkpoint();

describe("stegos explorer award", () => {
  let server: RpcServer;
  beforeAll(async () => {
    server = await RpcServer.start();
  });
  afterAll(() => server.stop());

  /** What the command prints with a node that says this of past draws, or of a boundary. */
  async function show(change: Readonly<Record<string, RpcMethod>>, ...options: string[]) {
    const view = await fakeNodeView({ store, checkpoint: () => ({ ...CHECKPOINT, height: newest }) });
    const { code, out, notes } = await server.explore(view, change, ["award", "--json", ...options]);
    return { code, shown: out.map((line) => JSON.parse(line) as Shown)[0], notes };
  }
  const saying = (past: readonly unknown[]): Readonly<Record<string, RpcMethod>> => ({
    award: () => ({ pot: "1", draw_at_ms: 1, eligible: [], past: past as JsonValue[] }),
  });

  it("[AW-4] rechecks each past draw from a checkpoint that was given, or from the node's newest", async () => {
    const own = await show({});
    expect(own.code).toBe(0);
    expect(own.shown!.past.map(({ week, recheck }) => [week, recheck])).toEqual([
      [2, "ok"],
      [1, "ok"],
    ]);
    expect(own.shown!.past[0]).toMatchObject(draws[0]!);
    expect(own.shown!.rechecked_from).toEqual({ height: newest, hash: hashes.get(newest), is_given: false });
    expect(own.notes.join()).toMatch(/--checkpoint/);
    for (const at of boundaries) {
      const given = await show({}, "--checkpoint", `${at}:${hashes.get(at)!}`);
      expect(given).toMatchObject({ code: 0, notes: [] });
      expect(given.shown!.rechecked_from).toEqual({ height: at, hash: hashes.get(at), is_given: true });
    }
  });

  it("asks for no boundary where there is no past draw", async () => {
    const { code, shown, notes } = await show({
      ...saying([]),
      get_boundary: () => Promise.reject(new Error("asked")),
    });
    expect({ code, shown, notes }).toMatchObject({ code: 0, shown: { past: [] }, notes: [] });
    expect(shown!.rechecked_from).toBeUndefined();
  });

  it("[AW-4] names weeks that do not stand up to the recheck, with code and rule, and exits with 1", async () => {
    const [second, first] = draws;
    const eligible = second!["eligible_list"] as string[];
    const winner = eligible.find((key) => key !== second!["winner"])!;
    const bent = await show(saying([{ ...second, winner }, first]));
    expect(bent.code).toBe(1);
    expect(bent.shown!.past.map(({ recheck }) => recheck)).toEqual([{ code: "wrong_winner", rule: "AW-2" }, "ok"]);
    expect(bent.notes.at(-1)).toMatch(/: week 2 \(wrong_winner, AW-2\) \[award_wrong_winner\]$/);
    const both = await show(
      saying([
        { ...second, header: "00" },
        { ...first, amount: "5" },
      ]),
    );
    expect(both.notes.at(-1)).toMatch(/week 2 \(malformed, EN-3\), 1 \(bad_payout, AW-2\) \[award_malformed\]$/);
    const other = await show(saying([{ ...second, week: "\u001b[2J" }]));
    expect(other.notes.at(-1)).toMatch(/week \? \(malformed, EN-3\) \[award_malformed\]$/);
  });

  it("[LC-4] takes no other block than the one of the checkpoint, and no set that is not its own", async () => {
    const at = boundaries[1]!;
    const wrong = await show({}, "--checkpoint", `${at}:${hashes.get(newest)!}`);
    expect(wrong).toMatchObject({ code: 1, shown: undefined });
    expect(wrong.notes.at(-1)).toMatch(/\[other_checkpoint\]$/);
    // No epoch ends at that height.
    const missing = await show({}, "--checkpoint", `${at + 1}:${hashes.get(at)!}`);
    expect(missing.notes.at(-1)).toMatch(/\[boundary_not_found\]$/);
    expect(await show({}, "--checkpoint", "here")).toMatchObject({ code: 2, shown: undefined });
    const view = await fakeNodeView({ store, checkpoint: () => ({ ...CHECKPOINT, height: newest }) });
    const boundary = (await rpcMethodsOf(view).get("get_boundary")!(undefined)) as Record<string, string>;
    const header = decodeHeader((await store.header(newest))!);
    const answers: readonly unknown[] = [
      "text",
      {},
      { ...boundary, header: "zz" },
      { ...boundary, next_validators: "0000" },
      { ...boundary, header: formatHex(encodeHeader({ ...header, isEpochEnd: false })) },
    ];
    for (const answer of answers) {
      const refused = await show({ get_boundary: () => answer as JsonValue });
      expect(refused).toMatchObject({ code: 1, shown: undefined });
      expect(refused.notes.at(-1)).toMatch(/\[wrong_answer\]$/);
    }
    for (const past of [undefined, "none", {}]) {
      const refused = await show({ award: () => ({ past }) as JsonValue });
      expect(refused.notes.at(-1)).toMatch(/\[wrong_answer\]$/);
    }
  });
});
