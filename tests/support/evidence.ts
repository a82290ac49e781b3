import type { Certificate } from "../../src/core/chain/certificate.ts";
import { devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { orderEvidenceItems, type Evidence } from "../../src/core/chain/evidence.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../../src/core/chain/vote.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { height } from "../../src/core/values/height.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";

const CHAIN = 1000;
/** Whose key signs twice where nothing else is said. */
export const liar = devValidatorSeed(0);
export const idOf = (name: number): Hash => hash32("test/block", Uint8Array.of(name));

interface VoteChange {
  readonly at?: number;
  readonly round?: number;
  readonly voteType?: 1 | 2;
  readonly names?: readonly [number, number];
  readonly seed?: Uint8Array;
  readonly signedAt?: number;
}

/** Two votes of one key for one place. */
export function votes(builder: Pick<LedgerBuilder, "deps">, change: VoteChange = {}): Evidence {
  const { at = 2, round = 0, voteType = VOTE_TYPE.precommit, names = [1, 2], seed = liar, signedAt = at } = change;
  const { bls } = builder.deps;
  const item = (name: number) => ({
    blockId: idOf(name),
    signature: bls.sign(seed, voteMessage(CHAIN, voteType, height(signedAt), round, idOf(name))),
  });
  const items = orderEvidenceItems(item(names[0]), item(names[1]));
  return { kind: "votes", height: height(at), round, voteType, blsKey: bls.publicKey(seed), items };
}

/** Two proposals of one key for round 3. */
export function proposals(
  builder: Pick<LedgerBuilder, "deps">,
  rounds: readonly [number, number],
  names: readonly [number, number],
): Evidence {
  const { bls } = builder.deps;
  const item = (validRound: number, name: number) => ({
    validRound,
    blockId: idOf(name),
    signature: bls.sign(liar, proposalMessage(CHAIN, height(2), 3, validRound, idOf(name))),
  });
  const items = orderEvidenceItems(item(rounds[0], names[0]), item(rounds[1], names[1]));
  return { kind: "proposals", height: height(2), round: 3, blsKey: bls.publicKey(liar), items };
}

/** Two certificates of these seats. */
export function certificates(builder: LedgerBuilder, left: readonly number[], right: readonly number[]): Evidence {
  const { validators } = builder.tip;
  const certify = (name: number, seats: readonly number[]): { blockId: Hash; certificate: Certificate } => {
    const message = voteMessage(CHAIN, VOTE_TYPE.precommit, height(2), 0, idOf(name));
    const keys = seats.map((seat) => builder.seedOf(validators[seat]!.blsKey));
    const signature = builder.deps.bls.aggregate(keys.map((seed) => builder.deps.bls.sign(seed, message)))!;
    const signers = validators.map((_, seat) => seats.includes(seat));
    return { blockId: idOf(name), certificate: { round: 0, signers, signature } };
  };
  return {
    kind: "certificates",
    height: height(2),
    round: 0,
    items: orderEvidenceItems(certify(1, left), certify(2, right)),
  };
}
