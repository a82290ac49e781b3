import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import type { Certificate } from "../../../src/core/chain/certificate.ts";
import type { BlockBody, ProposalFrame } from "../../../src/core/chain/consensus-frames.ts";
import { blockId, type Header } from "../../../src/core/chain/header.ts";
import type { ValidatorSet } from "../../../src/core/chain/validator-set.ts";
import { proposalMessage, VOTE_TYPE, voteMessage, type Vote } from "../../../src/core/chain/vote.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { hash32 } from "../../../src/core/crypto/tagged-hash.ts";
import { blockBody } from "../../../src/core/machines/block-assembly.ts";
import { buildBlock } from "../../../src/core/state/build-block.ts";
import { isZeroHash, type Hash } from "../../../src/core/values/hash.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import type { SeededNumbers } from "../../support/seeded-numbers.ts";
import type { Running } from "./node-world.ts";

/** What a cheat has to cheat with: its process, its key and chance of its own. */
export interface Cheat {
  readonly running: Running;
  readonly bls: BlsBackend;
  readonly seed: Uint8Array;
  readonly numbers: SeededNumbers;
  /** Nodes that cheat in the same way, this one among them: they act as one. */
  readonly friends: ReadonlySet<number>;
}

/** A block as gossip carries it. */
export interface CertifiedBody {
  readonly body: BlockBody;
  readonly certificate: Certificate;
}

/** The same vote for another block. */
export function voteFor({ bls, seed, running }: Cheat, vote: Vote, id: Hash): Vote {
  const { chainId } = running.deps.consensus;
  const message = voteMessage(chainId, VOTE_TYPE[vote.type], vote.height, vote.round, id);
  return { ...vote, blockId: id, signature: bls.sign(seed, message) };
}

/** The same proposal with another body, or under another valid round. */
export function proposalOf(cheat: Cheat, frame: ProposalFrame, body: BlockBody, validRound: number): ProposalFrame {
  const { chainId } = cheat.running.deps.consensus;
  const message = proposalMessage(chainId, frame.height, frame.round, validRound, blockId(body.header));
  return { ...frame, body, validRound, signature: cheat.bls.sign(cheat.seed, message) };
}

/** Another valid block for the same place: empty and a little later. Undefined if the parent is not this node's tip. */
export function twinOf({ running }: Cheat, { header, lastCertificate }: BlockBody): BlockBody | undefined {
  const { tip } = running.state;
  if (header.height !== tip.header.height + 1) return undefined;
  const { seatHistory } = running.state;
  const deps = { ...running.deps.ledger, seatHistory, isRangeProofVerified: () => true, isAdmitted: () => true };
  const { round, proposer, beaconSignature } = header;
  const time = timeMs(header.time + 1);
  const draft = { time, round, proposer, beaconSignature, lastCertificate, evidence: [], transactions: [] };
  const built = buildBlock(deps, tip, running.deps.reader, draft);
  return built.ok ? blockBody(built.block) : undefined;
}

const SPOILT: readonly ((header: Header) => Partial<Header>)[] = [
  () => ({ utxoRoot: hash32("test/nowhere") }),
  () => ({ txsRoot: hash32("test/nowhere") }),
  () => ({ compactRoot: hash32("test/nowhere") }),
  () => ({ histRoot: hash32("test/nowhere") }),
  () => ({ auxRoot: hash32("test/nowhere") }),
  () => ({ nextValHash: hash32("test/nowhere") }),
  () => ({ beacon: hash32("test/nowhere") }),
  (header) => ({ minted: header.minted + 1n }),
  (header) => ({ burned: header.burned + 1n }),
  (header) => ({ accrued: header.accrued + 1n }),
  (header) => ({ pot: header.pot + 1n }),
  (header) => ({ nextLeaf: header.nextLeaf + 1 }),
  (header) => ({ time: timeMs(header.time - 600_000) }),
  (header) => ({ isEpochEnd: !header.isEpochEnd }),
  (header) => ({ proposer: header.proposer ^ 1 }),
];

/** A header that states something false. */
export function spoil(numbers: SeededNumbers, header: Header): Header {
  return { ...header, ...numbers.pick(SPOILT)(header) };
}

/** Every block of this height that was made before a round and is here. */
export function earlierBodies({ running }: Cheat, round: number): readonly BlockBody[] {
  const { consensus } = running.state;
  return [...consensus.blocks.values()].flatMap(({ header, blockId: id }) => {
    const body = header.round < round ? bodyOf(running, id) : undefined;
    return body === undefined ? [] : [body];
  });
}

/** What each seat signs for a block that has some precommits but too few: a certificate that nobody may believe. */
export function thinCertificates(cheat: Cheat): readonly CertifiedBody[] {
  const { consensus } = cheat.running.state;
  const found: CertifiedBody[] = [];
  for (const { blockId: id } of consensus.blocks.values()) {
    const body = bodyOf(cheat.running, id);
    if (body === undefined) continue;
    for (const [round, { precommits }] of consensus.rounds) {
      const votes = [...precommits.verified.flat(), ...precommits.pending.map(({ vote }) => vote)];
      const own = ownPrecommit(cheat, round, id);
      const matching = new Map(votes.filter((vote) => isFor(vote, id)).map((vote) => [vote.validator, vote]));
      if (own !== undefined) matching.set(own.validator, own);
      const certificate = certify(cheat.bls, consensus.validators, round, [...matching.values()]);
      if (certificate !== undefined) found.push({ body, certificate });
    }
  }
  return found;
}

/** The body of a block that this process has whole. */
export function bodyOf({ state }: Running, id: Hash): BlockBody | undefined {
  const key = formatHex(id);
  const block = state.executed.get(key)?.block ?? state.assemblies.get(key)?.whole;
  return block === undefined ? undefined : blockBody(block);
}

function ownPrecommit(cheat: Cheat, round: number, id: Hash): Vote | undefined {
  const { height, seat } = cheat.running.state.consensus;
  if (seat === undefined) return undefined;
  return voteFor(
    cheat,
    { type: "precommit", height, round, validator: seat, blockId: id, signature: new Uint8Array() },
    id,
  );
}

function isFor(vote: Vote, id: Hash): boolean {
  return !isZeroHash(vote.blockId) && equalBytes(vote.blockId, id);
}

function certify(bls: BlsBackend, set: ValidatorSet, round: number, votes: readonly Vote[]): Certificate | undefined {
  if (votes.length < 2) return undefined;
  const signers = set.map((_, seat) => votes.some(({ validator }) => validator === seat));
  const signature = bls.aggregate(votes.map((vote) => vote.signature));
  return signature === undefined ? undefined : { round, signers, signature };
}
