import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u40, u64 } from "../../../../src/core/bytes/writer.ts";
import {
  claimHash,
  claimSignatures,
  decodeClaim,
  encodeClaim,
  TICKET_PATH_SIZE_MAX,
  ticketRootOf,
  type Claim,
  type Ticket,
} from "../../../../src/core/chain/claim.ts";
import { decodeTransaction, encodeTransaction, transactionId } from "../../../../src/core/chain/transaction.ts";
import { merkleRoot } from "../../../../src/core/crypto/merkle.ts";
import { leadingZeroBits, meetsPacketWork, packetWork } from "../../../../src/core/crypto/packet-work.ts";
import { schnorrVerify, schnorrVerifyBatch } from "../../../../src/core/crypto/schnorr.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import {
  decodePacketState,
  encodePacketState,
  packetStateHash,
  type PacketState,
} from "../../../../src/core/state/leaf-state.ts";
import { hash, type Hash } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { claims, packet, packetLeaf, packetVector } from "../../../support/packet-vectors.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const [open, chance, ticketed] = claims as readonly [Claim, Claim, Claim];
const { packetKey, gate } = packet.core;
const ticket = ticketed.gate.mode === "ticket" ? ticketed.gate.ticket : undefined;
const bytesOf = (index: number): Uint8Array => hexBytes(packetVector.claims[index]!.bytes);
// Offsets of 9.3.
const [KIND_AT, MODE_AT, REF_AT, NONCE_AT, INDEX_AT, PATH_SIZE_AT] = [5, 6, 110, 118, 126, 160];

function changed(index: number, place: number, ...values: readonly number[]): Uint8Array {
  const copy = bytesOf(index);
  copy.set(values, place);
  return copy;
}

describe("claims (9.3)", () => {
  it.each(packetVector.claims.map((each, index) => ({ ...each, index })))(
    "[RP-5] of mode $mode in the vectors: bytes, mc, txid and every signature",
    ({ bytes, mode, mc, txid, P, index }) => {
      const claim = claims[index]!;
      expect(formatHex(encodeClaim(claim))).toBe(bytes);
      expect(claim.gate.mode).toBe(["open", "chance", "ticket"][mode]);
      expect(claim).toMatchObject({ chainId: 1000, packetLeaf });
      expect(formatHex(claim.oneTimeKey)).toBe(P);
      expect(formatHex(claimHash(claim))).toBe(mc);
      expect(formatHex(transactionId(claim))).toBe(txid);
      const signatures = claimSignatures(claim, packetKey);
      expect(signatures).toHaveLength(mode === 2 ? 3 : 2);
      expect(schnorrVerifyBatch(curve, signatures, seededRandom("claims"))).toEqual({ ok: true });
      for (const each of signatures) {
        expect(schnorrVerify(curve, each.publicKey, each.message, each.signature)).toBe(true);
      }
    },
  );

  it("[RP-5] sign everything in front of the signatures, and nothing behind it", () => {
    const body = bytesOf(2).length - 3 * 64;
    const mc = claimHash(ticketed);
    for (const place of [1, 7, 12, 44, 76, 78, 94, INDEX_AT + 3, PATH_SIZE_AT + 1, body - 1]) {
      const bent = bytesOf(2);
      bent[place]! ^= 1;
      expect(claimHash(decodeClaim(bent)), `byte ${place}`).not.toEqual(mc);
      const verdict = schnorrVerifyBatch(curve, claimSignatures(decodeClaim(bent), packetKey), seededRandom("bent"));
      expect(verdict.ok, `byte ${place}`).toBe(false);
    }
    const bent = decodeClaim(changed(2, body, ...new Uint8Array(3 * 64)));
    expect(claimHash(bent)).toEqual(mc);
    expect(transactionId(bent)).toEqual(transactionId(ticketed));
  });

  it("[RP-5] stay with the P they name: no other key and no other packet verifies them", () => {
    const stolen = { ...open, oneTimeKey: chance.oneTimeKey };
    expect(schnorrVerifyBatch(curve, claimSignatures(stolen, packetKey), seededRandom("stolen"))).toEqual({
      ok: false,
      bad: [0, 1],
    });
    const elsewhere = claimSignatures(open, packet.core.refundKey);
    expect(schnorrVerifyBatch(curve, elsewhere, seededRandom("elsewhere"))).toEqual({ ok: false, bad: [0] });
  });

  it("[RP-5] of mode 2 prove their ticket under the packet's root", () => {
    expect(gate.mode === "ticket" && formatHex(gate.ticketRoot)).toBe(formatHex(ticketRootOf(ticket!)));
    const moved: Ticket = { ...ticket!, index: 0 };
    expect(ticketRootOf(moved)).not.toEqual(ticketRootOf(ticket!));
  });

  it("[RP-5] find the root of RFC 6962 from every place, also in lists that fill no tree", () => {
    for (const size of [1, 2, 3, 5, 6, 7, 8, 21, 64]) {
      const leaves = Array.from({ length: size }, (_, index) => Uint8Array.from({ length: 32 }, () => index));
      leaves.forEach((ticketKey, place) => {
        const proof = { ticketKey, ...auditPath(leaves, place) };
        expect(proof.path.length).toBeLessThanOrEqual(TICKET_PATH_SIZE_MAX);
        expect(ticketRootOf(proof), `${place} of ${size}`).toEqual(merkleRoot(leaves));
      });
    }
  });

  it("[RP-5] refuse a path of more than six and bits of the index past the path", () => {
    expect(() => decodeClaim(changed(2, PATH_SIZE_AT, 7))).toThrow("path of 7, at most 6");
    expect(() => decodeClaim(changed(2, INDEX_AT, 2, 0))).toThrow("ticket 2 under a path of 1");
    expect(() => decodeClaim(changed(2, INDEX_AT, 1, 1))).toThrow("ticket 257 under a path of 1");
    const long = { ...ticket!, index: 63, path: Array.from({ length: 6 }, () => ticket!.path[0]!) };
    const claim = (each: Ticket): Claim => ({ ...ticketed, gate: { mode: "ticket", ticket: each } });
    expect(decodeClaim(encodeClaim(claim(long)))).toEqual(claim(long));
    expect(() => encodeClaim(claim({ ...long, index: 64 }))).toThrow(RangeError);
    expect(() => encodeClaim({ ...ticketed, ticketSignature: undefined })).toThrow(RangeError);
  });

  it("[RP-5] name a height and a nonce in mode 1 only", () => {
    expect(() => decodeClaim(changed(0, REF_AT, 1))).toThrow("work in mode 0");
    expect(() => decodeClaim(changed(2, NONCE_AT + 7, 1))).toThrow("work in mode 2");
    expect(() => decodeClaim(changed(0, MODE_AT, 3))).toThrow("claim mode 3");
    expect(decodeClaim(changed(1, NONCE_AT, ...u64((1n << 64n) - 1n))).gate).toMatchObject({
      powNonce: (1n << 64n) - 1n,
    });
  });

  it("[TX-9] are transactions of kind 1 with the same bytes", () => {
    claims.forEach((claim, index) => {
      expect(decodeTransaction(bytesOf(index))).toEqual(claim);
      expect(encodeTransaction(claim)).toEqual(bytesOf(index));
    });
    expect(() => decodeTransaction(changed(0, KIND_AT, 5))).toThrow("transaction kind 5");
    expect(() => decodeClaim(changed(0, KIND_AT, 0))).toThrow("transaction kind 0");
    expect(() => decodeClaim(changed(0, 0, 2))).toThrow("transaction version 2");
  });

  it(
    "[EN-3] [EN-4] throw nothing but DecodeError and have one encoding per value",
    () => {
      const samples = [bytesOf(0), bytesOf(1), bytesOf(2)];
      checkDecoder(codecOf("claim", decodeClaim, encodeClaim, samples), runs(10_000, 1_000_000));
    },
    runs(60_000, 36_000_000),
  );
});

describe("work of a chance packet (9.3)", () => {
  const { ref_block_id: blockId } = packetVector.claims[1]!;
  const work = chance.gate.mode === "chance" ? chance.gate : undefined;
  const attempt = {
    packetLeaf,
    blockId: hash(hexBytes(blockId!)),
    oneTimeKey: chance.oneTimeKey,
    nonce: work!.powNonce,
  };

  it("[RP-5] of the claim in the vectors has its four bits", () => {
    expect(meetsPacketWork(attempt, packetKey, 4)).toBe(true);
    const bits = leadingZeroBits(packetWork(attempt, packetKey));
    expect(meetsPacketWork(attempt, packetKey, bits)).toBe(true);
    expect(meetsPacketWork(attempt, packetKey, bits + 1)).toBe(false);
  });

  it("[RP-5] agrees with the scrypt of Node.js", () => {
    const parts = [u40(packetLeaf), attempt.blockId, attempt.oneTimeKey, u64(attempt.nonce)];
    const password = hash32("stg/rp/pow", ...parts);
    const expected = scryptSync(password, packetKey, 32, { N: 4096, r: 8, p: 1 });
    expect(formatHex(packetWork(attempt, packetKey))).toBe(formatHex(Uint8Array.from(expected)));
  });

  it("[RP-5] is bound to packet, block, claimer and nonce", () => {
    const found = formatHex(packetWork(attempt, packetKey));
    const others = [
      packetWork({ ...attempt, nonce: attempt.nonce + 1n }, packetKey),
      packetWork({ ...attempt, oneTimeKey: open.oneTimeKey }, packetKey),
      packetWork({ ...attempt, blockId: hash(packetKey) }, packetKey),
      packetWork(attempt, packet.core.refundKey),
    ].map(formatHex);
    expect(new Set([found, ...others]).size).toBe(5);
  });

  it("[RP-11] counts bits from byte 0, the high one first", () => {
    const cases = [
      [[0x80, 0], 0],
      [[0x7f, 0xff], 1],
      [[0x01, 0], 7],
      [[0, 0x80], 8],
      [[0, 0x0f], 12],
      [[0, 0], 16],
    ] as const;
    for (const [bytes, bits] of cases) expect(leadingZeroBits(Uint8Array.from(bytes))).toBe(bits);
  });
});

describe("state of a packet (5.1)", () => {
  const states = vectors.lstate.type3.map((each): PacketState => {
    const used = each.used
      .map(hexBytes)
      .map((bytes) => ({ oneTimeKey: bytes.slice(0, 32), ticketKey: bytes.slice(32) }));
    const pending = each.pending.map((one) => ({
      height: height(one.height),
      claim: decodeClaim(hexBytes(one.claim)),
    }));
    return { paidBitmap: BigInt(each.paid_bitmap), isClosing: each.closing === 1, used, pending };
  });

  it("[BL-1] of the vectors hashes as given and reads its claims back", () => {
    states.forEach((state, index) => {
      expect(formatHex(packetStateHash(state))).toBe(vectors.lstate.type3[index]!.state32);
      expect(decodePacketState(encodePacketState(state))).toEqual(state);
    });
    expect(states[1]!.pending[0]!.claim).toEqual(ticketed);
  });

  it("[BL-1] keeps claims of all modes in a row", () => {
    const pending = [0, 1, 2].map((index) => ({ height: height(7 + index), claim: claims[index]! }));
    const state = { ...states[1]!, isClosing: true, pending };
    expect(decodePacketState(encodePacketState(state))).toEqual(state);
  });

  it(
    "[EN-3] [EN-4] throws nothing but DecodeError and has one encoding per value",
    () => {
      const samples = states.map(encodePacketState);
      checkDecoder(codecOf("packet state", decodePacketState, encodePacketState, samples), runs(10_000, 1_000_000));
    },
    runs(60_000, 36_000_000),
  );
});

/** Path and index of 9.3 by the recursive definition of RFC 6962 §2.1.1. */
function auditPath(leaves: readonly Uint8Array[], place: number): { readonly index: number; readonly path: Hash[] } {
  if (leaves.length === 1) return { index: 0, path: [] };
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const isLeft = place < split;
  const [own, other] = isLeft
    ? [leaves.slice(0, split), leaves.slice(split)]
    : [leaves.slice(split), leaves.slice(0, split)];
  const below = auditPath(own, isLeft ? place : place - split);
  const bit = isLeft ? 0 : 2 ** below.path.length;
  return { index: below.index + bit, path: [...below.path, merkleRoot(other)] };
}
