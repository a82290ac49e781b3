import fc from "fast-check";
import { scalarOf } from "../../src/core/crypto/scalar.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import type { Address } from "../../src/core/values/address.ts";
import { amount, AMOUNT_LIMIT } from "../../src/core/values/amount.ts";
import { hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../src/core/values/height.ts";
import type { KeptNote, Note, PacketMark } from "../../src/core/wallet/note.ts";
import type { PacketClaim } from "../../src/core/wallet/packet-claim.ts";
import type { Payment } from "../../src/core/wallet/payment.ts";
import { packet } from "./packet-vectors.ts";

/** A note of which only leaf and amount mean anything. */
export function testNote(leaf: number, micro: bigint, fields: Partial<Note> = {}): Note {
  const bytes = hash32("test/note", u32(leaf));
  return {
    leaf: leafIndex(leaf),
    height: height(1),
    timeMs: timeMs(1_000),
    amount: amount(micro),
    blinding: scalarOf(BigInt(leaf)),
    oneTimeKey: bytes,
    keyOffset: scalarOf(BigInt(leaf) + 1n),
    account: 0,
    addressIndex: 0,
    isInternal: false,
    ephemeralKey: bytes,
    counter: 0,
    memo: undefined,
    outputHash: bytes,
    ...fields,
  };
}

export const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hash);
export const anyAmount = fc.bigInt({ min: 0n, max: AMOUNT_LIMIT - 1n }).map(amount);
export const anyHeight = fc.nat().map(height);
export const anyTime = fc
  .maxSafeNat()
  .filter((value) => value < Number.MAX_SAFE_INTEGER)
  .map(timeMs);
export const anyLeaf = fc.nat({ max: 2 ** 40 - 1 }).map(leafIndex);
const anyScalar = fc.bigInt({ min: 0n, max: 1n << 260n }).map(scalarOf);
/** Well-formed text of at most a hundred characters, hence 400 bytes. */
const anyText = fc.string({ unit: "binary", maxLength: 100 });
const anyU32 = fc.nat({ max: 0xffff_ffff });

const anyStake = fc.record({
  blsKey: fc.uint8Array({ minLength: 48, maxLength: 48 }),
  status: fc.constantFrom("bonded" as const, "unbonding" as const, "unknown" as const),
  release: anyTime,
});

const anyAnchor = fc.uint8Array({ minLength: 16, maxLength: 16 });

const anyCoin: fc.Arbitrary<Note> = fc.record({
  leaf: anyLeaf,
  height: anyHeight,
  timeMs: anyTime,
  amount: anyAmount,
  blinding: anyScalar,
  oneTimeKey: anyHash,
  keyOffset: anyScalar,
  account: anyU32,
  addressIndex: anyU32,
  isInternal: fc.boolean(),
  ephemeralKey: anyHash,
  counter: fc.nat({ max: 3 }),
  memo: fc.option(anyText, { nil: undefined }),
  outputHash: anyHash,
});

const anyMark: fc.Arbitrary<PacketMark> = fc.oneof(
  fc.record({ type: fc.constant("gift" as const), linkSecret: anyAnchor, isOwn: fc.boolean() }),
  fc.record({ type: fc.constant("packet" as const), core: fc.constant(packet.core), hasPassword: fc.boolean() }),
  fc.record({
    type: fc.constant("share" as const),
    packetLeaf: anyLeaf,
    slot: fc.nat({ max: 63 }),
    linkSecret: anyAnchor,
  }),
  fc.record({ type: fc.constant("refund" as const), packetLeaf: anyLeaf }),
);

/** Now and then a stake, a coin that was paid in public, or a part of a red packet. */
export const anyNote: fc.Arbitrary<Note> = fc
  .tuple(
    anyCoin,
    fc.option(anyStake, { nil: undefined }),
    fc.option(anyAnchor, { nil: undefined }),
    fc.option(anyMark, { nil: undefined }),
  )
  .map(([note, stake, anchor, mark]) => ({
    ...note,
    ...(stake !== undefined || anchor !== undefined || mark === undefined ? {} : { packet: mark }),
    ...(stake === undefined ? {} : { stake }),
    ...(stake !== undefined || anchor === undefined ? {} : { anchor }),
  }));

const anySpent = fc.record({ height: anyHeight, timeMs: anyTime, txid: fc.option(anyHash, { nil: undefined }) });

/** Notes of one pack, with the sequence numbers that belong to it. */
export const anyPack: fc.Arbitrary<readonly KeptNote[]> = fc
  .tuple(
    fc.nat({ max: 1000 }),
    fc.array(fc.record({ note: anyNote, spent: fc.option(anySpent, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([pack, notes]) => notes.map((kept, index) => ({ ...kept, sequence: 64 * pack + index })));

/** To somebody. */
export const anyPaid: fc.Arbitrary<Payment> = fc.record({
  txid: anyHash,
  sequence: anyU32,
  createdMs: anyTime,
  to: fc.string({ unit: "grapheme-ascii", maxLength: 115 }) as fc.Arbitrary<Address>,
  amount: anyAmount,
  fee: anyAmount,
  memo: fc.option(anyText, { nil: undefined }),
  inputs: fc.array(anyLeaf, { maxLength: 5 }),
  outputs: fc.array(
    fc.record({ outputHash: anyHash, isOwn: fc.boolean(), amount: anyAmount, counter: fc.nat({ max: 3 }) }),
    { maxLength: 4 },
  ),
  notAfter: anyTime,
  anchorSource: anyHash,
  state: fc.constantFrom("queued" as const, "sent" as const, "final" as const, "failed" as const),
  failure: fc.constantFrom(undefined, "expired" as const, "conflict" as const),
  settled: fc.option(fc.record({ height: anyHeight, timeMs: anyTime }), { nil: undefined }),
  proofParts: fc.option(fc.record({ leaf: anyLeaf, coreTail: fc.uint8Array({ minLength: 80, maxLength: 80 }) }), {
    nil: undefined,
  }),
  transaction: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
});

const anyAct = fc.constantFrom<Payment["act"]>(
  undefined,
  "stake",
  "unstake",
  "withdraw",
  "gift",
  "gift_taken",
  "gift_back",
  "packet",
  "packet_back",
);

/** To somebody, or about a stake or a red packet: there is no proof of such a one. */
export const anyPayment: fc.Arbitrary<Payment> = fc.tuple(anyPaid, anyAct).map(([payment, act]) => {
  return act === undefined ? payment : { ...payment, act, proofParts: undefined };
});

/** A claim in any of its states, whether or not one leads to it. */
export const anyClaim: fc.Arbitrary<PacketClaim> = fc.record({
  packetLeaf: anyLeaf,
  sequence: anyU32,
  createdMs: anyTime,
  core: fc.constant(packet.core),
  linkSecret: anyAnchor,
  hasPassword: fc.boolean(),
  txid: anyHash,
  oneTimeKey: anyHash,
  ephemeralKey: anyHash,
  refHeight: fc.option(anyHeight, { nil: undefined }),
  ticketKey: fc.option(anyHash, { nil: undefined }),
  state: fc.constantFrom<PacketClaim["state"]>("made", "sent", "pending", "drawn", "empty", "expired", "refused"),
  refusal: fc.constantFrom<PacketClaim["refusal"]>(undefined, "work_stale", "ticket_used"),
  share: fc.option(fc.record({ leaf: anyLeaf, slot: fc.nat({ max: 63 }), amount: anyAmount }), { nil: undefined }),
  settled: fc.option(fc.record({ height: anyHeight, timeMs: anyTime }), { nil: undefined }),
  transaction: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
});
