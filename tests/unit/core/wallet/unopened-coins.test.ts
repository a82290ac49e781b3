import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import { outputHash } from "../../../../src/core/chain/output.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { packetTargets } from "../../../../src/core/wallet/packet-targets.ts";
import { startRestore, type RestoreBoundary } from "../../../../src/core/wallet/restore-state.ts";
import type { ScannedBlock } from "../../../../src/core/wallet/scanned-block.ts";
import { stepWallet, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import { addUnopened, NO_UNOPENED, UNOPENED_COINS_MAX } from "../../../../src/core/wallet/unopened-coins.ts";
import { decodeUnopened, encodeUnopened } from "../../../../src/core/wallet/unopened-records.ts";
import { diffWallet, restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import {
  EMPTY_WALLET,
  usableNotes,
  walletBalance,
  type WalletState,
} from "../../../../src/core/wallet/wallet-state.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { packet } from "../../../support/packet-vectors.ts";
import { anyLeaf, testNote } from "../../../support/wallet-values.ts";

const PACKET = leafIndex(3_000);
const REFUND = leafIndex(5_000);
const boundaryAt = (at: number, nextLeaf: number): RestoreBoundary => ({
  height: height(at),
  timeMs: timeMs(1_000 * at),
  utxoRoot: hash(new Uint8Array(32).fill(at)),
  nextLeaf,
});

function block(at: number, parts: Partial<ScannedBlock> = {}): WalletEvent {
  const empty = { spent: [], firstLeaf: leafIndex(5_000), outputHashes: [], notes: [] };
  return {
    type: "blocks-scanned",
    blocks: [{ height: height(at), timeMs: timeMs(1_000 * at), ...empty, ...parts }],
  };
}

/** A wallet and its store, which is read anew behind every step. */
class Device {
  readonly store = new Map<string, Uint8Array>();
  state: WalletState;

  constructor(state: WalletState = EMPTY_WALLET) {
    this.state = state;
    this.#write(undefined, state);
  }

  hear(...events: readonly WalletEvent[]): this {
    for (const event of events) {
      const [next] = stepWallet(this.state, event);
      this.#write(this.state, next);
      this.state = next;
      const again = restoreWallet([...this.store].map(([key, bytes]) => ({ key, bytes })));
      if (!again.ok) throw new Error(again.reason);
      const waits = next.restore?.packetWaits;
      const restore =
        again.value!.restore && waits ? { ...again.value!.restore, packetWaits: waits } : again.value!.restore;
      expect({ ...again.value, restore }).toEqual(next);
    }
    return this;
  }

  #write(before: WalletState | undefined, after: WalletState): void {
    const { puts, deletes } = diffWallet(before, after);
    for (const key of deletes) this.store.delete(key);
    for (const { key, bytes } of puts) this.store.set(key, bytes);
  }
}

const wanted = [{ leaf: REFUND, packetLeaf: PACKET }];
const own = testNote(PACKET, 900n, { packet: { type: "packet", core: packet.core, hasPassword: false } });
const refund = testNote(REFUND, 900n, { isInternal: true, packet: { type: "refund", packetLeaf: PACKET } });
const opened = (buckets: readonly number[], parts: object = {}): WalletEvent => ({
  type: "restore-buckets-opened",
  buckets,
  notes: [],
  from: { node: 0, nodeCount: 1 },
  ...parts,
});
const scanned = (range: number, at: RestoreBoundary, ...hits: readonly number[]): WalletEvent => ({
  type: "restore-range-scanned",
  range,
  boundary: at,
  outputCount: 7,
  hits: hits.map(leafIndex),
});

codecContract("coins that could not be opened [OU-11]", {
  encode: encodeUnopened,
  decode: decodeUnopened,
  arbitrary: fc.array(fc.tuple(anyLeaf, anyLeaf), { minLength: 1, maxLength: 40 }).map((coins) => new Map(coins)),
});

describe("coins whose packet is not known yet", () => {
  const first = boundaryAt(10, 4 * 1_024);
  const trusted = { height: first.height, timeMs: first.timeMs };
  const begun = (): Device =>
    new Device({ ...EMPTY_WALLET, restore: startRestore(undefined) }).hear({
      type: "chain-found",
      trusted,
      boundary: first,
    });

  it("[OU-11] a refund in the first block above the boundary is had though its packet is found in the last range", () => {
    const device = begun().hear(block(11, { spent: [PACKET], wanted }));
    expect(device.state.unopened).toEqual(new Map([[REFUND, PACKET]]));
    device.hear(scanned(3, first), scanned(1, first), scanned(0, first), scanned(2, first, PACKET));
    device.hear(opened([46], { notes: [own] }));
    expect(device.state.restore).toBeUndefined();
    expect(device.state.notes.get(PACKET)!.spent).toMatchObject({ height: 11 });
    expect(walletBalance(device.state)!.total).toBe(0n);
    // At the next boundary nodes can be asked for the coin, with the packet that is known by now.
    const second = boundaryAt(12, 5_001);
    device.hear(block(12, { firstLeaf: leafIndex(5_001), boundary: second }));
    expect(device.state.restore).toMatchObject({ hits: [REFUND], boundary: second });
    expect(packetTargets(device.state).packets.get(PACKET)).toEqual(packet.core);
    device.hear(opened([78], { notes: [refund] }));
    expect(device.state.restore).toBeUndefined();
    expect(device.state.unopened.size).toBe(0);
    expect(device.store.has("unopened")).toBe(false);
    expect(walletBalance(device.state)!.total).toBe(900n);
  });

  it("[OU-11] does so at once where a boundary has passed while ranges were read", () => {
    const second = boundaryAt(12, 5_001);
    const device = begun().hear(block(11, { wanted }), block(12, { firstLeaf: leafIndex(5_001), boundary: second }));
    device.hear(...[3, 2, 1, 0].map((range) => scanned(range, first)));
    expect(device.state.restore).toMatchObject({ hits: [REFUND], boundary: second, endLeaf: 5_001 });
  });

  const online = (): Device => new Device().hear({ type: "chain-found", trusted });

  it("holds up no other coin while it is looked for", () => {
    const coin = testNote(5_000, 70n);
    const device = online().hear(
      block(11, { notes: [coin] }),
      block(12, { firstLeaf: leafIndex(5_001), wanted: [{ leaf: leafIndex(5_001), packetLeaf: PACKET }] }),
      block(13, { firstLeaf: leafIndex(5_002), boundary: boundaryAt(13, 5_002) }),
    );
    expect(device.state.restore).toBeDefined();
    expect(usableNotes(device.state)).toEqual([coin]);
  });

  it("[NW-18] keeps one that no node could bring the packet of, and asks again at the next boundary, not before", () => {
    const device = online().hear(block(11, { wanted }), block(12, { boundary: boundaryAt(12, 5_001) }));
    const ask = (): Device => device.hear(opened([78], { wanted })).hear(opened([46]));
    expect(device.state.restore!.hits).toEqual([REFUND]);
    expect(ask().state).toMatchObject({ restore: undefined, unopened: new Map([[REFUND, PACKET]]) });
    expect(device.hear(block(13)).state.restore).toBeUndefined();
    device.hear(block(14, { boundary: boundaryAt(14, 5_001) }));
    expect(device.state.restore!.hits).toEqual([REFUND]);
    expect(ask().state.unopened.size).toBe(1);
  });

  it("[RP-7] asks nobody for a packet of ours that did not open it: such a coin only looks like ours", () => {
    const device = online().hear(block(11, { notes: [own] }), block(12, { wanted, boundary: boundaryAt(12, 5_001) }));
    const tried = wanted.map((coin) => ({ ...coin, tried: outputHash(packet.core) }));
    device.hear(opened([78], { wanted: tried, from: { node: 0, nodeCount: 3 } }));
    expect(device.state).toMatchObject({ restore: undefined, unopened: new Map() });
  });

  it("forgets one that is spent, wherever it waits", () => {
    const spent = block(12, { spent: [REFUND] });
    expect(online().hear(block(11, { wanted }), spent).state.unopened.size).toBe(0);
    const asked = online().hear(block(11, { wanted, boundary: boundaryAt(11, 5_001) }), spent);
    asked.hear(opened([78], { wanted })).hear(opened([46]));
    expect(asked.state).toMatchObject({ restore: undefined, unopened: new Map() });
  });

  it("[LC-2] looks at it again where blocks were missed, from its range on", () => {
    const device = online().hear(block(11, { wanted }));
    const far = boundaryAt(900, 90_000);
    const missed: WalletEvent = {
      type: "blocks-missed",
      trusted: { height: far.height, timeMs: far.timeMs },
      boundary: far,
      firstLeaf: 6_000,
    };
    expect(device.hear(missed).state.restore).toMatchObject({ firstRange: 4, hits: [REFUND] });
    // In the midst of such a look, and of nothing else, no more ranges are read than these.
    const asked = online().hear(block(11, { wanted, boundary: boundaryAt(11, 5_001) }));
    expect(asked.hear(missed).state.restore).toMatchObject({ firstRange: 4, cursor: 88 });
  });

  it("are so many at most", () => {
    const many = Array.from({ length: UNOPENED_COINS_MAX + 1 }, (_, index) => ({
      leaf: leafIndex(index),
      packetLeaf: PACKET,
    }));
    const kept = addUnopened(NO_UNOPENED, many);
    expect(kept.size).toBe(UNOPENED_COINS_MAX);
    expect(kept.has(leafIndex(0))).toBe(false);
    expect(decodeUnopened(encodeUnopened(kept))).toEqual(kept);
    const over = encodeUnopened(new Map(many.map(({ leaf, packetLeaf }) => [leaf, packetLeaf])));
    expect(() => decodeUnopened(over)).toThrow(DecodeError);
    expect(() => decodeUnopened(new Writer(3).u8(1).u16(0).finish())).toThrow(DecodeError);
    const twice = new Writer(23).u8(1).u16(2).u40(7).u40(8).u40(7).u40(9).finish();
    expect(() => decodeUnopened(twice)).toThrow("one coin twice");
  });
});
