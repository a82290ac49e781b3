import { u32 } from "../../src/core/bytes/writer.ts";
import { blockId, type Header } from "../../src/core/chain/header.ts";
import { proposer } from "../../src/core/chain/proposer.ts";
import { compareValidators, type ValidatorSet } from "../../src/core/chain/validator-set.ts";
import { proposalMessage, VOTE_TYPE, voteMessage, type Vote, type VoteType } from "../../src/core/chain/vote.ts";
import type { BlockProposal, ConsensusSigner } from "../../src/core/consensus/consensus-events.ts";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { ZERO_SCALAR } from "../../src/core/crypto/scalar.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { paramsHash, type NetworkParams } from "../../src/core/params/network-params.ts";
import { ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { epoch, height, timeMs, type TimeMs } from "../../src/core/values/height.ts";

export const CHAIN_ID = 1000;
export const GENESIS_TIME: TimeMs = timeMs(1_700_000_000_000);
export const EPOCH_SEED: Hash = hash32("test/epoch-seed");

/** Validators with keys of a backend, seats in the order of the set. */
export interface TestValidators {
  readonly set: ValidatorSet;
  /** By seat. */
  readonly seeds: readonly Uint8Array[];
}

export function testValidators(bls: BlsBackend, powers: readonly number[]): TestValidators {
  return validatorsOf(bls, new Map(powers.entries()));
}

/** Powers by the number of the key. */
export function validatorsOf(bls: BlsBackend, powers: ReadonlyMap<number, number>): TestValidators {
  const members = [...powers].map(([key, power]) => {
    const seed = hash32("test/validator", u32(key));
    return { seed, validator: { blsKey: bls.publicKey(seed), power } };
  });
  members.sort((left, right) => compareValidators(left.validator, right.validator));
  return { set: members.map((member) => member.validator), seeds: members.map((member) => member.seed) };
}

export function testSigner(bls: BlsBackend, seed: Uint8Array): ConsensusSigner {
  return { publicKey: bls.publicKey(seed), sign: (message) => bls.sign(seed, message) };
}

/** A header of which only the fields that consensus looks at mean anything. */
export function testHeader(params: NetworkParams, fields: Partial<Header>): Header {
  return {
    chainId: CHAIN_ID,
    height: height(1),
    round: 0,
    time: timeMs(GENESIS_TIME + params.minBlockMs),
    epoch: epoch(1),
    isEpochEnd: false,
    proposer: 0,
    prev: ZERO_HASH,
    txsRoot: ZERO_HASH,
    compactRoot: ZERO_HASH,
    utxoRoot: ZERO_HASH,
    histRoot: ZERO_HASH,
    valHash: ZERO_HASH,
    nextValHash: ZERO_HASH,
    paramsHash: paramsHash(params),
    auxRoot: ZERO_HASH,
    lastCertHash: ZERO_HASH,
    evidenceRoot: ZERO_HASH,
    nextLeaf: 0,
    liveCount: 0,
    minted: 0n,
    burned: 0n,
    accrued: 0n,
    pot: 0n,
    gammaAcc: ZERO_SCALAR,
    beacon: ZERO_HASH,
    beaconSignature: new Uint8Array(96),
    ...fields,
  };
}

export function signVote(
  bls: BlsBackend,
  seed: Uint8Array,
  place: { readonly type: VoteType; readonly height: number; readonly round: number; readonly validator: number },
  id: Hash,
): Vote {
  const at = height(place.height);
  const message = voteMessage(CHAIN_ID, VOTE_TYPE[place.type], at, place.round, id);
  return { ...place, height: at, blockId: id, signature: bls.sign(seed, message) };
}

export function signProposal(
  bls: BlsBackend,
  seed: Uint8Array,
  header: Header,
  round: number,
  validRound: number,
): BlockProposal {
  const id = blockId(header);
  const signature = bls.sign(seed, proposalMessage(CHAIN_ID, header.height, round, validRound, id));
  return { height: header.height, round, validRound, header, blockId: id, signature };
}

/** The seat that proposes in a round of a height, of the seed that tests use. */
export function proposerSeat(validators: TestValidators, at: number, round: number, seed: Hash = EPOCH_SEED): number {
  return proposer(seed, height(at), round, validators.set);
}
