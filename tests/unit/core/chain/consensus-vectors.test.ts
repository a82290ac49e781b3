import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { beaconMessage, genesisBeacon, nextBeacon } from "../../../../src/core/chain/beacon.ts";
import { shortId } from "../../../../src/core/chain/block.ts";
import {
  certificatePower,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "../../../../src/core/chain/certificate.ts";
import { compactRoot, decodeCompactBlock, encodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { decodeEvidence, encodeEvidence } from "../../../../src/core/chain/evidence.ts";
import { possessionMessage } from "../../../../src/core/chain/stake-possession.ts";
import { proposer } from "../../../../src/core/chain/proposer.ts";
import {
  decodeValidatorSet,
  encodeValidatorSet,
  isBlocking,
  isQuorum,
  validatorSetHash,
} from "../../../../src/core/chain/validator-set.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../../../../src/core/chain/vote.ts";
import { createNobleBls } from "../../../../src/core/crypto/noble-bls.ts";
import { listParams, NETWORK_PARAMS, paramsHash, paramsOf } from "../../../../src/core/params/network-params.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const bls = createNobleBls();
const hexHash = (text: string) => hash(hexBytes(text));
const validators = decodeValidatorSet(hexBytes(vectors.bls.valset.bytes));

describe("parameters", () => {
  it.each(["main", "test", "dev"] as const)("of %s have the hash of the vectors", (network) => {
    const params = NETWORK_PARAMS[network];
    expect(listParams(params).map(String)).toEqual(vectors.params[network].values.map(String));
    expect(formatHex(paramsHash(params))).toBe(vectors.params[network].params_hash);
    expect(paramsOf(listParams(params))).toEqual(params);
  });
});

describe("validators", () => {
  it("[CO-16] sit in the order of the vectors and propose in turn by power", () => {
    expect(formatHex(encodeValidatorSet(validators))).toBe(vectors.bls.valset.bytes);
    expect(formatHex(validatorSetHash(validators))).toBe(vectors.bls.valset.val_hash);
    const { epoch_seed: seed, height_round_index: turns } = vectors.bls.proposer;
    for (const [at, round, index] of turns)
      expect(proposer(hexHash(seed), height(at!), round!, validators)).toBe(index);
  });

  it("[CO-16] propose as often as their power says", () => {
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < 4_000; at++) {
      const seat = proposer(hexHash(vectors.bls.proposer.epoch_seed), height(at), 0, validators);
      counts[seat] = counts[seat]! + 1;
    }
    // Expected 1600, 1200, 800, 400; each within five standard deviations.
    [1_600, 1_200, 800, 400].forEach((expected, seat) => expect(Math.abs(counts[seat]! - expected)).toBeLessThan(160));
  });

  it("[CO-3] need more than two thirds, and one third blocks", () => {
    expect([isQuorum(66, 99), isQuorum(67, 99), isQuorum(2, 3), isQuorum(3, 4)]).toEqual([false, true, false, true]);
    expect([isBlocking(33, 99), isBlocking(34, 99)]).toEqual([false, true]);
  });

  it("[ST-1] accept stake by a proof over the message of the vectors", () => {
    const { owner_P, reward_S, reward_V, msg, sig } = vectors.bls.pop;
    const blsKey = hexBytes(vectors.bls.validators[0]!.pk);
    const reward = { spendKey: hexBytes(reward_S), viewKey: hexBytes(reward_V) };
    const message = possessionMessage(1000, { blsKey, oneTimeKey: hexBytes(owner_P), reward });
    expect(formatHex(message)).toBe(msg);
    expect(bls.verifyPossession(blsKey, message, hexBytes(sig))).toBe(true);
    const other = possessionMessage(1001, { blsKey, oneTimeKey: hexBytes(owner_P), reward });
    expect(bls.verifyPossession(blsKey, other, hexBytes(sig))).toBe(false);
  });
});

describe("the beacon", () => {
  it("[BC-1] follows from one unique signature a block", () => {
    let beacon = genesisBeacon(hexHash(vectors.bls.genesis_hash));
    expect(formatHex(beacon)).toBe(vectors.bls.beacon0);
    for (const each of vectors.bls.beacons) {
      const message = beaconMessage(1000, height(each.height), beacon);
      expect(formatHex(message)).toBe(each.msg);
      expect(bls.verify(validators[each.proposer]!.blsKey, message, hexBytes(each.sig))).toBe(true);
      beacon = nextBeacon(beacon, hexBytes(each.sig));
      expect(formatHex(beacon)).toBe(each.beacon);
    }
  });
});

describe("certificates", () => {
  const { vote } = vectors.bls;
  const certificate = decodeCertificate(hexBytes(vectors.bls.certificate.bytes));
  const at = height(vote.height);
  const id = hexHash(vote.block_id);

  it("[CO-3] of the vectors verify", () => {
    expect(formatHex(voteMessage(1000, VOTE_TYPE.precommit, at, vote.round, id))).toBe(vote.msg);
    expect(encodeCertificate(certificate).length).toBe(vectors.bls.certificate.length);
    expect(certificate.signers.flatMap((bit, seat) => (bit ? [seat] : []))).toEqual(vectors.bls.certificate.signers);
    expect(certificatePower(certificate, validators)).toBeGreaterThan(66);
    expect(verifyCertificate(bls, 1000, at, id, certificate, validators)).toBe(true);
  });

  it("[CO-3] say nothing about another chain, height, round, block or set", () => {
    const checks = [
      verifyCertificate(bls, 1001, at, id, certificate, validators),
      verifyCertificate(bls, 1000, height(8), id, certificate, validators),
      verifyCertificate(bls, 1000, at, id, { ...certificate, round: 2 }, validators),
      verifyCertificate(bls, 1000, at, hexHash(vectors.bls.beacon0), certificate, validators),
      verifyCertificate(bls, 1000, at, id, certificate, validators.slice(0, 3)),
      verifyCertificate(bls, 1000, at, id, { ...certificate, signers: [true, true, true, true] }, validators),
      verifyCertificate(bls, 1000, at, id, { ...certificate, signers: [true, false, false, false] }, validators),
    ];
    expect(checks).toEqual(checks.map(() => false));
  });
});

describe("blocks on the wire", () => {
  it("[CO-19] name transactions by the short id of the vectors", () => {
    const { prev, txid, short } = vectors.consensus.short_id;
    expect(formatHex(shortId(hexHash(prev), hexHash(txid)))).toBe(short);
  });

  it("[ST-4] carry evidence in the layout of the vectors", () => {
    const kinds = vectors.consensus.evidence.map((text) => {
      const evidence = decodeEvidence(hexBytes(text));
      expect(formatHex(encodeEvidence(evidence))).toBe(text);
      return evidence.kind;
    });
    expect(kinds).toEqual(["votes", "proposals", "certificates"]);
    // The proposal message of the vectors is that of the evidence's first proposal.
    const evidence = decodeEvidence(hexBytes(vectors.consensus.evidence[1]!));
    if (evidence.kind !== "proposals") throw new Error(evidence.kind);
    const { height: at, round, items } = evidence;
    const message = proposalMessage(1000, at, round, items[0].validRound, items[0].blockId);
    expect(formatHex(message)).toBe(vectors.consensus.proposal_msg);
    for (const item of items) {
      const signed = proposalMessage(1000, at, round, item.validRound, item.blockId);
      expect(bls.verify(evidence.blsKey, signed, item.signature)).toBe(true);
    }
  });

  it("give the compact root of the vectors", () => {
    const entries = vectors.compact.entries.map((text) => {
      const bytes = hexBytes(text);
      return {
        ephemeralKey: bytes.slice(0, 32),
        viewTag: bytes.slice(32, 34),
        payloadTag: bytes.slice(34, 50),
        outputHash: hash(bytes.slice(50)),
      };
    });
    const section = hexBytes(vectors.compact.section0);
    const view = new DataView(section.buffer);
    const spentCount = view.getUint32(20, true);
    const spent = Array.from({ length: spentCount }, (_, index) => leafIndex(view.getUint32(24 + 5 * index, true)));
    const changedAt = 24 + 5 * spentCount;
    const changed = Array.from({ length: view.getUint16(changedAt, true) }, (_, index) => ({
      leaf: leafIndex(view.getUint32(changedAt + 2 + 37 * index, true)),
      state: hash(section.slice(changedAt + 7 + 37 * index, changedAt + 39 + 37 * index)),
    }));
    const compact = {
      height: height(Number(view.getBigUint64(0, true))),
      firstLeaf: leafIndex(Number(view.getBigUint64(8, true))),
      entries,
      spent,
      changed,
    };
    expect(formatHex(compactRoot(compact))).toBe(vectors.compact.compact_root);
    expect(decodeCompactBlock(encodeCompactBlock(compact))).toEqual(compact);
  });
});
