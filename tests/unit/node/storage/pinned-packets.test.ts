import { ClassicLevel } from "classic-level";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { decodeOutputCore, encodeOutputCore } from "../../../../src/core/chain/output.ts";
import { REFUND_SLOT } from "../../../../src/core/chain/packet-coins.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import type { Scalar } from "../../../../src/core/crypto/scalar.ts";
import { deriveShareBlinding } from "../../../../src/core/red-packet/packet-secrets.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { height, leafIndex, type LeafIndex } from "../../../../src/core/values/height.ts";
import { KEY_SPACE } from "../../../../src/node/storage/key-spaces.ts";
import { openLevelStore, type DiskStore } from "../../../../src/node/storage/level-store.ts";
import { LedgerBuilder, type TestNote } from "../../../support/ledger-builder.ts";
import { CLAIM_FEE, PacketBuilder, type TestPacket } from "../../../support/packet-builder.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const PARAMS = { epochMs: 10_000, snapshotKeepEpochs: 1 };

describe("pinned packets in a database", () => {
  let directory: string;
  let store: DiskStore;
  let ledger: LedgerBuilder;
  let packets: PacketBuilder;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-pins-"));
    store = await openLevelStore(directory);
    ledger = new LedgerBuilder({ label: "pins", params: PARAMS });
    packets = new PacketBuilder(ledger);
    await store.commit(blockCommit(ledger.start, ledger.start.block, EMPTY_CERTIFICATE));
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** One block; gives the coins that packets made in it, by leaf. */
  async function extend(transactions: readonly Transaction[] = [], afterMs = 1_000) {
    const block = ledger.build(transactions, { afterMs });
    const result = ledger.execute(block);
    if (!result.ok) throw new Error(result.rule);
    await store.commit(blockCommit(result, block, ledger.commit(result)));
    return [...result.cores].flatMap(([leaf, bytes]) => {
      const core = decodeOutputCore(bytes);
      return core.type === "drawn" ? [{ leaf, core }] : [];
    });
  }

  /** So many epochs later, with everything deleted that a node does not keep. */
  async function grow(epochs: number): Promise<void> {
    for (let count = 0; count < 2 * epochs; count++) await extend([], PARAMS.epochMs);
    const keep = height(ledger.tip.header.height);
    while (await store.prune({ blocks: keep, window: keep, payloads: keep }, 16)) continue;
  }

  async function pack(amounts: readonly bigint[]): Promise<TestPacket> {
    const made = packets.make(amounts, { lifeMs: 60_000 });
    const { transaction } = packets.transfer([made]);
    const first = ledger.tip.header.nextLeaf;
    await extend([transaction]);
    const place = transaction.outputs.findIndex(({ core }) => core.type === "packet");
    return { ...made, leaf: leafIndex(first + place) };
  }

  /** A share as a note of whoever claimed it. */
  function noteOf(packet: TestPacket, leaf: LeafIndex, slot: number, secret: Scalar): TestNote {
    const blinding = deriveShareBlinding(curve, packet.linkSecret, slot);
    // Of what is spent a transfer of the tests looks at nothing but these.
    return { leaf, output: packet.coin.output, amount: packet.amounts[slot]!, blinding, secret };
  }

  const spend = (note: TestNote): Promise<unknown> =>
    extend([ledger.transfer([note, ...ledger.take(1)], [0n, 1n]).transaction]);

  async function keysOf(...spaces: readonly number[]): Promise<number> {
    await store.close();
    const database = new ClassicLevel<Uint8Array, Uint8Array>(directory, {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    await database.open();
    const keys = await database.keys().all();
    await database.close();
    store = await openLevelStore(directory);
    return keys.filter((key) => spaces.includes(key[0]!)).length;
  }

  it("[BL-12] keeps core and proof of a packet as long as a coin drawn from it lives, and no longer", async () => {
    const packet = await pack([5_000_000n]);
    const secret = packets.secret();
    await extend([packets.claim(packet, { ownerSecret: secret })]);
    await extend();
    const [drawn] = await extend();
    expect(store.leaf(packet.leaf)).toBeUndefined();
    await grow(4);
    expect(store.keptFrom().window).toBeGreaterThan(5);
    expect(await store.core(packet.leaf)).toEqual(encodeOutputCore(packet.core));
    expect(await store.rangeProof(packet.leaf)).toEqual(packet.coin.output.rangeProof);
    await spend(noteOf(packet, drawn!.leaf, 0, secret));
    // A boundary still shows it alive.
    await extend([], PARAMS.epochMs);
    expect(await store.rangeProof(packet.leaf)).toEqual(packet.coin.output.rangeProof);
    await grow(4);
    expect(await store.core(packet.leaf)).toBeUndefined();
    expect(await store.rangeProof(packet.leaf)).toBeUndefined();
    expect(await keysOf(KEY_SPACE.packetCoin, KEY_SPACE.coinPacket, KEY_SPACE.pinnedPacket)).toBe(0);
  });

  it("[BL-12] keeps them for the refund too, and for the last of several coins", async () => {
    const packet = await pack([5_000_000n, 6_000_000n]);
    const secret = packets.secret();
    await extend([packets.claim(packet, { ownerSecret: secret })]);
    await extend([packets.takeBack(packet)]);
    const coins = await extend();
    expect(coins.map(({ core }) => core.slot === REFUND_SLOT)).toEqual([false, true]);
    await grow(4);
    const taken = coins[0]!.core.slot;
    await spend(noteOf(packet, coins[0]!.leaf, taken, secret));
    await grow(4);
    expect(await store.core(packet.leaf)).toEqual(encodeOutputCore(packet.core));
    expect(await store.rangeProof(packet.leaf)).toEqual(packet.coin.output.rangeProof);
    const rest = noteOf(packet, coins[1]!.leaf, 1 - taken, packet.refundSecret);
    await spend({ ...rest, amount: rest.amount + CLAIM_FEE });
    await grow(4);
    expect(await store.core(packet.leaf)).toBeUndefined();
    expect(await keysOf(KEY_SPACE.packetCoin, KEY_SPACE.coinPacket, KEY_SPACE.pinnedPacket)).toBe(0);
  });

  it("[BL-11] forgets a packet whose coins were spent before it left the window", async () => {
    const packet = await pack([5_000_000n]);
    const secret = packets.secret();
    await extend([packets.claim(packet, { ownerSecret: secret })]);
    await extend();
    const [drawn] = await extend();
    await spend(noteOf(packet, drawn!.leaf, 0, secret));
    expect(await store.core(packet.leaf)).toEqual(encodeOutputCore(packet.core));
    await grow(5);
    expect(await store.core(packet.leaf)).toBeUndefined();
    expect(await store.rangeProof(packet.leaf)).toBeUndefined();
    expect(await keysOf(KEY_SPACE.packetCoin, KEY_SPACE.coinPacket, KEY_SPACE.pinnedPacket)).toBe(0);
  });
});
