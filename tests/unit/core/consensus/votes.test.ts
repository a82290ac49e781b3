import { describe, expect, it } from "vitest";
import { xorBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { verifyCertificate } from "../../../../src/core/chain/certificate.ts";
import { decodeEvidence, encodeEvidence } from "../../../../src/core/chain/evidence.ts";
import { EARLY_MESSAGES_PER_PEER_MAX } from "../../../../src/core/consensus/early-messages.ts";
import { lastCertificate } from "../../../../src/core/consensus/step-consensus.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { CHAIN_ID } from "../../../support/consensus-chain.ts";
import { LoneValidator, NIL } from "../../../support/lone-validator.ts";

const [A, B, C] = [hash32("test/a"), hash32("test/b"), hash32("test/c")];
const TEN = Array.from({ length: 10 }, () => 10);

/** Decides `a` on the precommits of seats 1–3 and starts height 2. */
function atHeightTwo(): { lone: LoneValidator; a: ReturnType<LoneValidator["propose"]> } {
  const lone = LoneValidator.started({ powers: [10, 10, 10, 10, 10], proposers: [1] });
  const a = lone.propose(lone.header(0), 0, -1);
  lone.votes("precommit", 0, [1, 2, 3, 4], a);
  lone.effects = lone.effects.filter((effect) => effect.type === "decide");
  return { lone, a };
}

function startTwo(lone: LoneValidator, a: ReturnType<LoneValidator["propose"]>): void {
  lone.start({ height: height(2), parent: { blockId: a, time: timeMs(lone.now) } });
}

describe("verification", () => {
  it("[CO-17] equal votes cost one check when a quorum hangs on them", () => {
    const lone = LoneValidator.started({ powers: TEN, proposers: [1] });
    lone.bls.checks = 0;
    lone.votes("prevote", 0, [1, 2, 3, 4, 5, 6], A);
    expect(lone.bls.checks).toBe(0);
    lone.votes("prevote", 0, [7], A);
    expect(lone.bls.checks).toBe(1);
  });

  it("[CO-17] a bad signature among them is found, blamed and not counted", () => {
    const lone = LoneValidator.started({ powers: TEN, proposers: [1] });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1, 2, 3, 4], a);
    lone.receive({ ...lone.vote("prevote", 0, 5, a), signature: new Uint8Array(96).fill(7) }, "mallory");
    lone.receive(lone.vote("prevote", 0, 6, a));
    expect(lone.of("blame-peer")).toEqual([{ type: "blame-peer", peer: "mallory", reason: "bad_signature" }]);
    expect(lone.state.locked).toBeUndefined();
    lone.receive(lone.vote("prevote", 0, 5, a));
    expect(lone.state.locked).toMatchObject({ blockId: a });
  });

  it("[CO-17] a forged vote cannot keep the true one out", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1);
    for (const seat of [1, 2, 3]) {
      for (let copy = 0; copy < 3; copy++) {
        lone.receive({ ...lone.vote("prevote", 0, seat, a), signature: new Uint8Array(96).fill(copy) }, "mallory");
      }
    }
    expect(lone.state.rounds.get(0)?.prevotes.pending.length).toBeLessThanOrEqual(4);
    lone.votes("prevote", 0, [1, 2], a);
    expect(lone.state.locked).toMatchObject({ blockId: a });
  });

  it("[CO-17] one unverified vote a seat at most: a second settles both", () => {
    const lone = LoneValidator.started({ powers: TEN, proposers: [1] });
    for (const fill of [1, 2]) {
      lone.receive({ ...lone.vote("prevote", 0, 1, A), signature: new Uint8Array(96).fill(fill) }, "mallory");
    }
    expect(lone.state.rounds.get(0)?.prevotes.pending).toEqual([]);
    expect(lone.of("blame-peer")).toHaveLength(1);
  });

  it("[CO-17] our own vote may be the one that completes a quorum", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.votes("prevote", 0, [1, 2], a);
    lone.votes("precommit", 0, [1, 2], a);
    lone.validate(a, true);
    expect(lone.of("decide")).toHaveLength(1);
  });

  it("[CO-19] a vote for a seat that does not exist is blamed", () => {
    const lone = LoneValidator.started();
    lone.receive({ ...lone.vote("prevote", 0, 1, A), validator: 4 }, "mallory");
    expect(lone.of("blame-peer")).toEqual([{ type: "blame-peer", peer: "mallory", reason: "bad_seat" }]);
  });

  it.each([
    [40, false],
    [41, true],
  ])("[CO-8] two thirds exactly are no quorum: %i + 20 of it + 50 locks: %s", (own, isLocked) => {
    const lone = LoneValidator.started({ powers: [own, 20, 20, 10], proposers: [1] });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1], a);
    expect(lone.state.locked !== undefined).toBe(isLocked);
  });
});

describe("equivocation", () => {
  it("[ST-4] reports two votes of one key for one place, once, in canonical order", () => {
    const lone = LoneValidator.started();
    lone.votes("prevote", 0, [1], B);
    lone.votes("prevote", 0, [1], A);
    lone.votes("prevote", 0, [1], NIL);
    const reports = lone.of("report-evidence");
    expect(reports).toHaveLength(1);
    const { evidence } = reports[0]!;
    expect(evidence).toMatchObject({ kind: "votes", height: 1, round: 0, voteType: 1 });
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual(evidence);
  });

  it("[ST-4] also in a round far away", () => {
    const lone = LoneValidator.started();
    lone.votes("precommit", 70, [1], B);
    lone.votes("precommit", 70, [1], A);
    expect(lone.of("report-evidence")).toMatchObject([{ evidence: { kind: "votes", round: 70, voteType: 2 } }]);
  });

  it("[ST-4] no vote with a bad signature accuses anybody", () => {
    const lone = LoneValidator.started();
    lone.votes("prevote", 0, [1], B);
    lone.receive({ ...lone.vote("prevote", 0, 1, A), signature: new Uint8Array(96) });
    expect(lone.of("report-evidence")).toEqual([]);
  });

  it("[ST-4] signatures that verify only together accuse nobody", () => {
    const lone = LoneValidator.started();
    const mask = new Uint8Array(96).fill(0x55);
    const bent = [1, 2].map((seat) => lone.vote("prevote", 0, seat, A));
    for (const vote of bent) lone.receive({ ...vote, signature: xorBytes(vote.signature, mask) });
    lone.votes("prevote", 0, [3], A);
    expect(lone.state.rounds.get(0)?.prevotes.verified.flat()).toHaveLength(3);
    lone.votes("prevote", 0, [1], B);
    expect(lone.of("report-evidence")).toEqual([]);
    lone.votes("prevote", 0, [3], B);
    expect(lone.of("report-evidence")).toHaveLength(1);
  });

  it("[CO-8] every vote of an equivocator counts for its own block, so others' quorums can be followed", () => {
    const lone = LoneValidator.started();
    lone.votes("prevote", 0, [3], C);
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [3, 1], a);
    expect(lone.state.locked).toMatchObject({ blockId: a });
  });

  it("[CO-12] an equivocator's votes for made-up blocks do not pile up", () => {
    const lone = LoneValidator.started();
    for (let index = 0; index < 500; index++) lone.votes("prevote", 0, [1], hash32(`test/${index}`));
    expect(lone.state.rounds.get(0)?.prevotes.verified[1]).toHaveLength(2);
    expect(lone.state.rounds.get(0)?.prevotes.pending).toEqual([]);
  });
});

describe("between heights", () => {
  it("[CO-3] precommits after the decision enter the next last_cert, before and after the height begins", () => {
    const { lone, a } = atHeightTwo();
    expect(lone.of("decide")[0]?.certificate.signers.filter(Boolean)).toHaveLength(4);
    lone.votes("precommit", 0, [4], a);
    startTwo(lone, a);
    lone.receive(lone.vote("precommit", 0, 0, a));
    const certificate = lastCertificate(lone.bls, lone.state);
    expect(certificate.signers).toEqual([true, true, true, true, true]);
    expect(verifyCertificate(lone.bls, CHAIN_ID, height(1), a, certificate, lone.validators.set)).toBe(true);
  });

  it("[CO-3] a late precommit adds to a certificate that came from outside; one of another block does not", () => {
    const { lone, a } = atHeightTwo();
    const { certificate } = lone.of("decide")[0]!;
    const other = new LoneValidator(lone.setup);
    const parentCommit = { certificate, validators: lone.validators.set };
    other.start({ height: height(2), parent: { blockId: a, time: timeMs(lone.now) }, parentCommit });
    expect(lastCertificate(other.bls, other.state)).toEqual(certificate);
    other.receive(lone.vote("precommit", 0, 0, B));
    other.receive(lone.vote("precommit", 1, 0, a));
    other.receive({ ...lone.vote("precommit", 0, 0, a), signature: new Uint8Array(96) });
    expect(lastCertificate(other.bls, other.state)).toEqual(certificate);
    other.receive(lone.vote("precommit", 0, 0, a));
    const grown = lastCertificate(other.bls, other.state);
    expect(grown.signers).toEqual([true, true, true, true, true]);
    expect(verifyCertificate(other.bls, CHAIN_ID, height(1), a, grown, lone.validators.set)).toBe(true);
  });

  it("[ST-4] a late precommit for another block convicts its signer", () => {
    const { lone, a } = atHeightTwo();
    startTwo(lone, a);
    lone.receive(lone.vote("precommit", 0, 2, B));
    expect(lone.of("report-evidence")).toMatchObject([{ evidence: { kind: "votes", height: 1 } }]);
  });

  it.each([
    ["a late precommit of a seat that is still missing", "precommit", 1, 0, 0, "a"],
    ["a late precommit against one that is held", "precommit", 1, 0, 2, "other"],
    ["a vote of a far round against one that is held", "prevote", 2, 9, 1, "other"],
  ] as const)(
    "[CO-17] %s that nobody signed is checked once and laid to who sent it",
    (_, type, at, round, seat, block) => {
      const { lone, a } = atHeightTwo();
      startTwo(lone, a);
      lone.receive(lone.vote("prevote", 9, 1, a, 2), "friend");
      const checks = lone.bls.checks;
      const blockId = block === "a" ? a : B;
      const forged = {
        type,
        height: height(at),
        round,
        blockId,
        validator: seat,
        signature: new Uint8Array(96).fill(7),
      };
      for (let index = 0; index < 10; index++) lone.receive(forged, "stranger");
      expect(lone.bls.checks - checks).toBe(10);
      expect(lone.of("blame-peer")).toHaveLength(10);
      expect(lone.of("report-evidence")).toEqual([]);
    },
  );

  it("[ST-4] a late vote that accuses a key does not cover for who has its seat in the next set", () => {
    const { lone, a } = atHeightTwo();
    const [own, one, two, ...rest] = lone.validators.set;
    const validators = [own!, two!, one!, ...rest];
    const parent = { blockId: a, time: timeMs(lone.now) };
    const { certificate } = lone.of("decide")[0]!;
    const parentCommit = { certificate, validators: lone.validators.set };
    lone.start({ height: height(2), validators, parent, parentCommit });
    lone.forget();
    lone.receive(lone.vote("precommit", 0, 1, B));
    for (const id of [B, NIL]) lone.receive({ ...lone.vote("prevote", 0, 2, id, 2), validator: 1 });
    const accused = lone.of("report-evidence").map(({ evidence }) => "blsKey" in evidence && evidence.blsKey);
    expect(accused).toEqual([one!.blsKey, two!.blsKey]);
  });

  it("[CO-17] votes for the next height wait until it begins, a few a peer", () => {
    const { lone, a } = atHeightTwo();
    for (let round = 0; round < 100; round++) lone.receive(lone.vote("precommit", round, 1, NIL, 2), "peer1");
    expect(lone.state.early.get("peer1")).toHaveLength(EARLY_MESSAGES_PER_PEER_MAX);
    lone.receive(lone.vote("precommit", 3, 2, NIL, 2), "peer2");
    startTwo(lone, a);
    expect(lone.state.round).toBe(3);
  });

  it("[CO-11] a height that is over cannot begin again", () => {
    const { lone, a } = atHeightTwo();
    startTwo(lone, a);
    const { state } = lone;
    lone.start();
    expect(lone.state).toBe(state);
  });
});
