import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import type { Certificate } from "../../../../src/core/chain/certificate.ts";
import { blockId, type Header } from "../../../../src/core/chain/header.ts";
import { validatorSetHash } from "../../../../src/core/chain/validator-set.ts";
import { decodeTrustedState, encodeTrustedState, trustHeader } from "../../../../src/core/sync/trusted-state.ts";
import { verifyHeader, verifyNextHeader, type CertifiedHeader } from "../../../../src/core/sync/verify-header.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { epoch, height, timeMs } from "../../../../src/core/values/height.ts";
import { announcingHeaderArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import {
  GENESIS_TIME,
  signVote,
  testHeader,
  testValidators,
  type TestValidators,
} from "../../../support/consensus-chain.ts";
import { SimulationBls } from "../../../support/simulation-bls.ts";

const PARAMS = NETWORK_PARAMS.dev;
const bls = new SimulationBls();
const old = testValidators(bls, [10, 10, 10, 10]);
const fresh = testValidators(bls, [60, 30, 10]);
const [oldHash, freshHash] = [validatorSetHash(old.set), validatorSetHash(fresh.set)];
const now = timeMs(GENESIS_TIME + 10_000);

/** A boundary of epoch 3 at height 7 that announces `next`. */
function boundary(next: TestValidators): Header {
  const nextValHash = validatorSetHash(next.set);
  return testHeader(PARAMS, {
    height: height(7),
    epoch: epoch(3),
    isEpochEnd: true,
    valHash: oldHash,
    nextValHash,
    time: GENESIS_TIME,
  });
}

function certify(header: Header, signers: TestValidators, seats: readonly number[]): CertifiedHeader {
  const id = blockId(header);
  const place = { type: "precommit", height: header.height, round: 0 } as const;
  const signatures = seats.map(
    (seat) => signVote(bls, signers.seeds[seat]!, { ...place, validator: seat }, id).signature,
  );
  const certificate: Certificate = {
    round: 0,
    signers: signers.set.map((_, seat) => seats.includes(seat)),
    signature: bls.aggregate(signatures) ?? new Uint8Array(96),
  };
  return { header, certificate };
}

function child(parent: Header, fields: Partial<Header> = {}): Header {
  return testHeader(PARAMS, {
    height: height(parent.height + 1),
    epoch: epoch(parent.epoch + (parent.isEpochEnd ? 1 : 0)),
    time: timeMs(parent.time + 2_000),
    prev: blockId(parent),
    valHash: parent.nextValHash,
    nextValHash: parent.nextValHash,
    ...fields,
  });
}

const trusted = trustHeader(boundary(old), old.set)!;
const check = (fields: Partial<Header>, seats = [0, 1, 2], at = now): string => {
  const result = verifyHeader(bls, trusted, certify(child(trusted.header, fields), old, seats), PARAMS, at);
  return result.ok ? "ok" : result.code;
};

describe("a header against a trusted one", () => {
  it("[LC-1] passes with more than two thirds, not with two thirds exactly, not with a wrong signature", () => {
    expect(check({})).toBe("ok");
    expect(check({}, [0, 1])).toBe("bad_certificate");
    const six = testValidators(bls, [10, 10, 10]);
    const start = trustHeader(boundary(six), six.set)!;
    const header = child(start.header);
    expect(verifyHeader(bls, start, certify(header, six, [0, 1]), PARAMS, now)).toMatchObject({ ok: false });
    expect(verifyHeader(bls, start, certify(header, six, [0, 1, 2]), PARAMS, now)).toMatchObject({ ok: true });
    const other = certify(child(trusted.header, { minted: 1n }), old, [0, 1, 2]).certificate;
    const swapped = { header: child(trusted.header), certificate: other };
    expect(verifyHeader(bls, trusted, swapped, PARAMS, now)).toEqual({ ok: false, code: "bad_certificate" });
  });

  it.each([
    [timeMs(GENESIS_TIME + PARAMS.trustingMs - 1), "ok"],
    [timeMs(GENESIS_TIME + PARAMS.trustingMs), "trust_expired"],
  ])("[LC-1] trust ends after trusting_ms: at %i %s", (at, answer) => {
    expect(check({}, [0, 1, 2], at)).toBe(answer);
  });

  it.each([
    [GENESIS_TIME, "not_newer"],
    [timeMs(GENESIS_TIME + 1), "ok"],
    [timeMs(now + 10_000), "ok"],
    [timeMs(now + 10_001), "from_the_future"],
  ])("[LC-1] time in (trusted.time, now + 10 s]: %i %s", (time, answer) => {
    expect(check({ time })).toBe(answer);
  });

  it("[LC-1] refuses another chain, other parameters, an earlier height or epoch", () => {
    expect(check({ chainId: 2 })).toBe("wrong_chain");
    expect(check({ paramsHash: oldHash })).toBe("wrong_params");
    expect(check({ height: height(7) })).toBe("not_newer");
    expect(check({ epoch: epoch(2) })).toBe("not_newer");
  });

  it("[LC-2] the next epoch is signed by the set the boundary announced, not by the one before", () => {
    const start = trustHeader(boundary(fresh), fresh.set)!;
    const header = child(start.header);
    expect(header.valHash).toEqual(freshHash);
    expect(verifyHeader(bls, start, certify(header, fresh, [0, 1]), PARAMS, now)).toMatchObject({ ok: true });
    expect(verifyHeader(bls, start, certify(header, old, [0, 1, 2, 3]), PARAMS, now)).toMatchObject({
      code: "bad_certificate",
    });
    const stale = child(start.header, { valHash: oldHash, nextValHash: oldHash });
    expect(verifyHeader(bls, start, certify(stale, old, [0, 1, 2, 3]), PARAMS, now)).toMatchObject({
      code: "needs_skipping",
    });
  });

  it("[LC-2] a new announced set must be handed in, be the right one, and stand in a boundary header", () => {
    const fields = { isEpochEnd: true, nextValHash: freshHash };
    const certified = certify(child(trusted.header, fields), old, [0, 1, 2]);
    const give = (nextValidators: TestValidators["set"] | undefined) =>
      verifyHeader(bls, trusted, { ...certified, nextValidators }, PARAMS, now);
    expect(give(undefined)).toEqual({ ok: false, code: "missing_set" });
    expect(give(old.set)).toEqual({ ok: false, code: "wrong_set" });
    expect(give(fresh.set)).toEqual({ ok: true, trusted: { header: certified.header, validators: fresh.set } });
    expect(check({ nextValHash: freshHash })).toBe("wrong_set");
  });

  it("[LC-2] follows a chain across a change of the set, block by block", () => {
    let state = trusted;
    const steps = [
      { fields: {}, signers: old, seats: [0, 1, 2] },
      { fields: { isEpochEnd: true, nextValHash: freshHash }, signers: old, seats: [1, 2, 3] },
      { fields: {}, signers: fresh, seats: [0, 1] },
    ];
    for (const { fields, signers, seats } of steps) {
      const certified = certify(child(state.header, fields), signers, seats);
      const result = verifyNextHeader(bls, state, { ...certified, nextValidators: fresh.set }, PARAMS, now);
      if (!result.ok) throw new Error(result.code);
      state = result.trusted;
    }
    expect(state.header.height).toBe(10);
    expect(state.header.epoch).toBe(5);
  });

  it.each([
    ["another parent", { prev: oldHash }],
    ["a gap", { height: height(9) }],
    ["an epoch that did not change", { epoch: epoch(3) }],
  ])("[LC-2] the stream breaks at %s", (_, fields) => {
    const certified = certify(child(trusted.header, fields), old, [0, 1, 2]);
    expect(verifyNextHeader(bls, trusted, certified, PARAMS, now)).toEqual({ ok: false, code: "broken_link" });
  });

  it("[LC-1] a third of the power and a bit cannot make a header of a fork pass", () => {
    const fork = child(trusted.header, { minted: 7n });
    expect(verifyHeader(bls, trusted, certify(fork, old, [2, 3]), PARAMS, now)).toMatchObject({
      code: "bad_certificate",
    });
  });
});

describe("what a client stores", () => {
  codecContract("trusted states (6.7)", {
    encode: encodeTrustedState,
    decode: decodeTrustedState,
    arbitrary: announcingHeaderArb.map(({ header, set }) => ({ header, validators: set })),
  });

  it("[LC-2] refuses a set that the header does not announce", () => {
    const bytes = encodeTrustedState({ header: trusted.header, validators: fresh.set });
    expect(() => decodeTrustedState(bytes)).toThrow(DecodeError);
    expect(trustHeader(trusted.header, fresh.set)).toBeUndefined();
  });
});
