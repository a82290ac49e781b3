import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../../../src/core/bytes/hex.ts";
import { decodeCompactBlock, encodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { createBlstBls } from "../../../../src/node/crypto/blst-bls.ts";
import type { JsonValue, RpcMethod } from "../../../../src/node/rpc/json-rpc.ts";
import { rpcMethodsOf } from "../../../../src/node/rpc/rpc-methods.ts";
import { fakeNodeView } from "../../../support/fake-node-view.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { LedgerNode } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { PACKET_LIFE_MS, PacketBuilder } from "../../../support/packet-builder.ts";
import { RpcServer } from "../../../support/rpc-server.ts";

type Fields = Record<string, JsonValue>;
interface Page extends Fields {
  readonly blocks: Fields[];
}
interface Shown {
  readonly live: boolean;
  readonly left: number;
  readonly shares: number;
  readonly returned: number;
  readonly opened: readonly { readonly slot: number; readonly claimed_at: number; readonly drawn_at: number }[];
  readonly checks: readonly { readonly check: string; readonly held: boolean | null }[];
  readonly rechecked_from: { readonly is_given: boolean };
}

const builder = new LedgerBuilder({ label: "explorer packet", bls: createBlstBls(), proofs: true });
const node = await LedgerNode.open(builder, new MemoryStore());
const packets = new PacketBuilder(builder);

const extend = (transactions: readonly Transaction[] = []): Promise<void> =>
  node.extend(transactions.map((transaction) => ({ transaction, makes: [] })));

const [open, returned] = [packets.make([5_000_000n, 7n, 3_000_000n]), packets.make([4_000_000n, 9n])];
await node.extend([packets.transfer([open, returned])]);
const [first, second] = packets.live([open, returned]);
await extend();
await extend([packets.claim(first!), packets.claim(second!), packets.claim(first!)]);
await extend([packets.claim(first!), packets.takeBack(second!)]);
for (let more = 0; more < 4; more++) await extend();
const lapsing = packets.make([2_000_000n, 11n]);
await node.extend([packets.transfer([lapsing])]);
const [lapsed] = packets.live([lapsing]);
await node.extend([], PACKET_LIFE_MS);
for (let more = 0; more < 2; more++) await extend();

const view = await fakeNodeView({
  store: node.store,
  chainId: builder.tip.chain.chainId,
  status: () => ({
    height: builder.tip.header.height,
    time: builder.tip.header.time,
    blockId: builder.tip.blockId,
    isSyncing: false,
  }),
});

describe("stegos explorer packet", () => {
  let server: RpcServer;
  beforeAll(async () => {
    server = await RpcServer.start();
  });
  afterAll(() => server.stop());

  async function verify(leaf: number, change: Readonly<Record<string, RpcMethod>> = {}) {
    const { code, out, notes } = await server.explore(view, change, ["packet", `${leaf}`, "--verify", "--json"]);
    return { code, notes, shown: out.map((line) => JSON.parse(line) as Shown)[0] };
  }
  const faults = (shown: Shown | undefined) =>
    shown?.checks.filter(({ held }) => held === false).map(({ check }) => check);

  /** The node's pages, with blocks that are not what they were. */
  function bent(change: (block: Fields, index: number) => Fields | undefined): Readonly<Record<string, RpcMethod>> {
    const honest = rpcMethodsOf(view).get("packet")!;
    return {
      packet: async (params) => {
        const page = (await honest(params)) as Page;
        const blocks = page.blocks.map(change).filter((block) => block !== undefined);
        return { ...page, blocks };
      },
    };
  }

  it("[RP-13] rechecks every draw from the blocks around it, each header certified", async () => {
    const { code, shown, notes } = await verify(first!.leaf);
    expect(shown!.checks.map(({ check, held }) => [check, held])).toEqual(
      [
        "headers_certified",
        "packet_made",
        "shares_in_range",
        "packet_included",
        "claims_included",
        "claims_authorised",
        "beacon_follows",
        "beacon_signed",
        "slots_as_drawn",
        "state_after",
        "history_whole",
      ].map((check) => [check, true]),
    );
    expect(code).toBe(0);
    expect(shown).toMatchObject({ live: false, left: 0, shares: 3, returned: 0, rechecked_from: { is_given: false } });
    expect(shown!.opened.map(({ slot }) => slot).sort()).toEqual([0, 1, 2]);
    expect(shown!.opened.map(({ claimed_at, drawn_at }) => drawn_at - claimed_at)).toEqual([2, 2, 2]);
    expect(notes.join()).toMatch(/--checkpoint/);
  });

  it("[RP-7] and what goes back to the creator", async () => {
    const { code, shown } = await verify(second!.leaf);
    expect(code).toBe(0);
    expect(shown).toMatchObject({ live: false, shares: 2, returned: 1 });
    expect(shown!.opened).toHaveLength(1);
    expect(shown!.checks.at(-1)).toEqual({ check: "rest_returned", held: true });
  });

  it("[RP-7] and what goes back once it has expired, by the time of the block before", async () => {
    const { code, shown } = await verify(lapsed!.leaf);
    expect(code).toBe(0);
    expect(shown).toMatchObject({ live: false, shares: 2, returned: 2 });
    expect(shown!.checks.at(-2)).toEqual({ check: "history_whole", held: true });
    const silent = await verify(
      lapsed!.leaf,
      bent(({ parent: _parent, ...block }) => block),
    );
    expect(silent.shown!.checks.at(-2)).toEqual({ check: "history_whole", held: null });
  });

  it("says it in one line each, and without --verify what the node tells", async () => {
    const lines = await server.explore(view, {}, ["packet", `${first!.leaf}`, "--verify"]);
    expect(lines.out).toHaveLength(11);
    expect(lines.out.every((line) => line.startsWith("ok "))).toBe(true);
    const told = await server.explore(view, {}, ["packet", `${first!.leaf}`, "--json"]);
    expect(JSON.parse(told.out.join())).toMatchObject({ leaf: first!.leaf, live: false, shares: 3, mode: "open" });
    const other = await server.explore(view, {}, ["packet", "0", "--json"]);
    expect(other.notes.join()).toContain("[output_not_found]");
    expect((await server.explore(view, {}, ["packet", "many"])).code).toBe(2);
  });

  const without = (block: Fields): Fields => ({ ...block, claims: (block["claims"] as JsonValue[]).slice(1) });
  const compactOf = (block: Fields) => decodeCompactBlock(parseHex(block["compact"] as string));

  it.each<[string, (block: Fields, index: number) => Fields | undefined, string]>([
    ["a claim that is left out", without, "history_whole"],
    ["a block that is left out", (block, index) => (index === 2 ? undefined : block), "history_whole"],
    ["transactions without the claims", (block) => ({ ...block, txids: [] }), "claims_included"],
    [
      "compact data that no header covers",
      (block) => ({ ...block, compact: formatHex(encodeCompactBlock({ ...compactOf(block), changed: [] })) }),
      "history_whole",
    ],
    ["a certificate of another block", (block) => ({ ...block, cert: "" }), ""],
    ["no block that made it", (block, index) => (index === 0 ? undefined : block), "packet_made"],
  ])("[RP-13] does not believe %s", async (_, change, fault) => {
    const { code, shown, notes } = await verify(first!.leaf, bent(change));
    expect(code).toBe(1);
    if (fault === "") expect(notes.join()).toContain("[wrong_answer]");
    else {
      expect(faults(shown)).toContain(fault);
      expect(notes.at(-1)).toContain(fault);
    }
  });

  it("[LC-1] [LC-2] names headers that nobody we know has signed", async () => {
    const other = new LedgerBuilder({ label: "other", bls: createBlstBls() });
    const stranger = other.certify();
    const swapped = bent((block, index) => (index === 1 ? { ...block, cert: certificateHex(stranger) } : block));
    const { code, shown, notes } = await verify(first!.leaf, swapped);
    expect(code).toBe(1);
    expect(faults(shown)).toEqual(["headers_certified"]);
    expect(notes.at(-1)).toContain("[packet_bad_certificate]");
  });

  it("goes on page by page, and does not go round in circles", async () => {
    const honest = rpcMethodsOf(view).get("packet")!;
    const { code, notes } = await verify(first!.leaf, {
      packet: async (params) => ({ ...((await honest(params)) as Page), next: 0 }),
    });
    expect(code).toBe(1);
    expect(notes.join()).toContain("[wrong_answer]");
  });
});

function certificateHex(certificate: Parameters<typeof encodeCertificate>[0]): string {
  return formatHex(encodeCertificate(certificate));
}
