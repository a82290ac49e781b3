import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { certificateHash, verifyCertificate } from "../../../../src/core/chain/certificate.ts";
import { compactEntry, encodeEntry } from "../../../../src/core/chain/compact-block.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { decodeValidatorSet, validatorSetHash } from "../../../../src/core/chain/validator-set.ts";
import { rootOfLastLeaf } from "../../../../src/core/crypto/merkle.ts";
import { AWARD_KEYS_MAX, LAST_LEAF_PROOF_MAX, VALIDATORS_MAX } from "../../../../src/core/params/limits.ts";
import { decodeAwardDraw, encodeAwardDraw, type AwardDraw } from "../../../../src/core/state/award-draw.ts";
import { encodeAward } from "../../../../src/core/state/aux-records.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { extendToDraw } from "../../../support/award-ledger.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "draws", params: { weekEpochs: 2, awardDelayBlocks: 3 } });
const { commit } = await extendToDraw(builder);
const draw = decodeAwardDraw(commit.award!.draw);

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const proofs = fc.array(bytes(32).map(hash), { maxLength: LAST_LEAF_PROOF_MAX });
codecContract<AwardDraw>("a draw", {
  encode: encodeAwardDraw,
  decode: decodeAwardDraw,
  arbitrary: fc.record({
    week: fc.bigInt(0n, 2n ** 64n - 1n),
    blsKeys: fc.array(bytes(48), { maxLength: AWARD_KEYS_MAX }),
    header: fc.constant(draw.header),
    certificate: fc.constant(draw.certificate),
    listProof: proofs,
    beaconHeader: fc.constant(draw.beaconHeader),
    beaconCertificate: fc.constant(draw.beaconCertificate),
    payout: fc.constant(draw.payout),
    payoutProof: proofs,
  }),
});

describe("what is kept of a draw", () => {
  it("[AW-4] is written with the block that draws, and with no other", async () => {
    const { block, outcome, commit } = await extendToDraw(builder);
    const { header } = outcome.tip;
    expect(commit.award!.week).toBe(2n);
    const { beaconHeader, certificate, header: listed } = decodeAwardDraw(commit.award!.draw);
    expect(beaconHeader).toEqual(header);
    expect(commit.height).toBe(header.height);
    expect(certificate).toEqual(block.lastCertificate);
    expect(blockId(listed)).toEqual(header.prev);
  });

  it("[AW-4] [AW-2] proves list, beacon and payout under two certified headers", () => {
    const { header, beaconHeader, payout } = draw;
    const list = encodeAward({ week: draw.week, dueHeight: beaconHeader.height, blsKeys: draw.blsKeys });
    expect(rootOfLastLeaf(draw.listProof, list)).toEqual(header.auxRoot);
    const entry = encodeEntry(compactEntry(payout));
    expect(rootOfLastLeaf(draw.payoutProof, entry)).toEqual(beaconHeader.compactRoot);
    expect(beaconHeader.lastCertHash).toEqual(certificateHash(draw.certificate));
    const { bls } = builder.deps;
    const sets = commit.award!.validatorSets.map(({ bytes }) => decodeValidatorSet(bytes));
    expect(sets.map(validatorSetHash)).toEqual(commit.award!.validatorSets.map((set) => set.hash));
    expect(sets.map((set) => formatHex(validatorSetHash(set)))).toEqual(
      [header.valHash, beaconHeader.valHash].map(formatHex),
    );
    const certified = [
      [header, draw.certificate, sets[0]!],
      [beaconHeader, draw.beaconCertificate, sets[1]!],
    ] as const;
    for (const [each, certificate, set] of certified)
      expect(verifyCertificate(bls, each.chainId, each.height, blockId(each), certificate, set)).toBe(true);
  });

  it("[EN-3] fits its size with the longest lists, and one longer is refused", () => {
    const keys = (count: number) => Array.from({ length: count }, () => new Uint8Array(48));
    const hashes = (count: number) => Array.from({ length: count }, () => hash(new Uint8Array(32)));
    const full = { ...draw.certificate, signers: Array.from({ length: VALIDATORS_MAX }, () => true) };
    const largest = {
      ...draw,
      blsKeys: keys(AWARD_KEYS_MAX),
      certificate: full,
      beaconCertificate: full,
      listProof: hashes(LAST_LEAF_PROOF_MAX),
      payoutProof: hashes(LAST_LEAF_PROOF_MAX),
    };
    expect(encodeAwardDraw(largest).length).toBeLessThanOrEqual(8_704);
    expect(decodeAwardDraw(encodeAwardDraw(largest))).toEqual(largest);
    const over = (change: Partial<AwardDraw>) => () => decodeAwardDraw(encodeAwardDraw({ ...largest, ...change }));
    expect(over({ blsKeys: keys(AWARD_KEYS_MAX + 1) })).toThrow(DecodeError);
    expect(over({ listProof: hashes(LAST_LEAF_PROOF_MAX + 1) })).toThrow(DecodeError);
    expect(over({ payoutProof: hashes(LAST_LEAF_PROOF_MAX + 1) })).toThrow(DecodeError);
  });

  it("[AW-4] a coin is no payout", () => {
    const [note] = builder.take(1);
    const coin = builder.coin(note!.amount).output.core;
    expect(() => decodeAwardDraw(encodeAwardDraw({ ...draw, payout: coin as never }))).toThrow(DecodeError);
  });
});
