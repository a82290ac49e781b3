import { formatHex } from "../bytes/hex.ts";
import type { Block } from "../chain/block.ts";
import { verifyCertificate, type Certificate } from "../chain/certificate.ts";
import type { BlockBody } from "../chain/consensus-frames.ts";
import { isBoundary } from "../chain/header.ts";
import { isCoinOutput } from "../chain/output.ts";
import { removeAfterBlock } from "../mempool/mempool.ts";
import { dropStemsAfterBlock } from "../mempool/stem-pool.ts";
import type { PeerId } from "../ports/network-port.ts";
import { blockCommit, type BlockOutcome } from "../state/block-outcome.ts";
import { examineBlock, type ExaminedBlock } from "../state/examine-block.ts";
import { executeBlock } from "../state/execute-block.ts";
import type { CoinOutput } from "../state/ledger-deps.ts";
import { nextHeight } from "../state/ledger-tip.ts";
import type { Hash } from "../values/hash.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import {
  blockBody,
  fitsHeader,
  missingPlaces,
  newAssembly,
  searchAssembly,
  versionOf,
  withVersion,
  type BlockAssembly,
} from "./block-assembly.ts";
import { proofKey, withEntry, type FullNodeState, type FullNodeStep } from "./full-node-state.ts";

/** Bodies held of one height that is not final: every round may bring one, a flood of them must not. */
export const ASSEMBLIES_MAX = 64;
/** Verified proofs remembered: far more than one full mempool of ordinary transactions. */
export const VERIFIED_PROOFS_MAX = 20_000;

/**
 * Keeps what a peer says a block holds until the block's height is over; `from` is undefined for gossip. At the next
 * height the oldest block makes room, because a height may take any number of rounds. What comes a height too early is
 * not refused on that account, but a flood of it is: have-sets bring it again.
 */
export function holdBody(
  step: FullNodeStep,
  id: Hash,
  body: BlockBody,
  from: PeerId | undefined,
): BlockAssembly | undefined {
  if (!fitsHeader(body)) return undefined;
  const key = formatHex(id);
  const held = step.state.assemblies.get(key);
  const next = nextHeight(step.state.tip);
  if (body.header.height !== next && body.header.height !== next + 1) return undefined;
  const assembly = withVersion(held ?? newAssembly(id, body), body.shortIds, from);
  const assemblies = new Map(step.state.assemblies).set(key, assembly);
  const rivals = [...assemblies].filter(([, { bound }]) => bound.header.height === body.header.height);
  if (rivals.length > ASSEMBLIES_MAX) {
    if (body.header.height !== next) return undefined;
    assemblies.delete(rivals[0]![0]);
  }
  step.update({ assemblies });
  return assembly;
}

/**
 * Judges the block if everything for it is here: undefined means that transactions or the verdict on its claims are
 * still missing and have been asked for; the answer then comes through the same way again.
 */
export function tryExecute(step: FullNodeStep, id: Hash, partsFrom: PeerId | undefined): boolean | undefined {
  const key = formatHex(id);
  if (step.state.executed.has(key)) return true;
  const held = step.state.assemblies.get(key);
  if (held === undefined || held.bound.header.height !== nextHeight(step.state.tip)) return undefined;
  const { assembly, index, ask, liars } = searchAssembly(held, step.state.mempool, step.state.shortIds);
  step.update({ shortIds: index });
  if (assembly !== held) step.update({ assemblies: withEntry(step.state.assemblies, key, assembly) });
  for (const peer of liars) step.emit({ type: "drop-peer", peer, reason: "bad_block" });
  if (assembly.whole !== undefined) return executeWhole(step, key, assembly.whole);
  for (const peer of new Set(partsFrom === undefined ? ask : [...ask, partsFrom])) askForParts(step, assembly, peer);
  return undefined;
}

/** Asks a peer for what its version of a block lacks (CO-19); says nothing where nothing is missing. */
function askForParts(step: FullNodeStep, assembly: BlockAssembly, peer: PeerId): void {
  const version = versionOf(assembly, peer);
  const indexes = version === undefined ? [] : missingPlaces(version);
  if (indexes.length === 0) return;
  const want = { height: assembly.bound.header.height, blockId: assembly.blockId, indexes };
  step.emit({ type: "send-frame", to: { peer }, frame: { type: "want", want } });
}

/** Executes a whole block; undefined means that its claims are being verified, and {@link claimsVerified} goes on. */
export function executeWhole(step: FullNodeStep, key: string, block: Block): boolean | undefined {
  const { executed, examined, claimJobs, tip } = step.state;
  if (executed.has(key)) return true;
  if ([...examined.values()].some((each) => each.block === block)) return undefined;
  const result = examineBlock(step.ledgerDeps(), tip, step.deps.reader, block);
  if (!result.ok) return refuse(step, block, result.rule);
  const { claims, content } = result;
  if (claims.length === 0) return execute(step, key, { block, content });
  step.update({ examined: withEntry(examined, claimJobs, { key, block, content }), claimJobs: claimJobs + 1 });
  step.emit({ type: "verify-claims", job: claimJobs, claims });
  return undefined;
}

/**
 * What a verdict makes of the block that was waiting for it. It is found by its job, not by its id: an id does not cover
 * signatures. Undefined where its height is over.
 */
export function claimsVerified(
  step: FullNodeStep,
  job: number,
  rule: RuleNumber | undefined,
): { readonly key: string; readonly block: Block; readonly ok: boolean } | undefined {
  const waiting = step.state.examined.get(job);
  if (waiting === undefined) return undefined;
  const { key, block } = waiting;
  step.update({ examined: withEntry(step.state.examined, job, undefined) });
  if (rule !== undefined) return { key, block, ok: refuse(step, block, rule) };
  rememberProofs(step, coinsOf(block).map(proofKey));
  return { key, block, ok: execute(step, key, waiting) };
}

/** The last part of a block's judgement, behind its claims. */
function execute(step: FullNodeStep, key: string, examined: Omit<ExaminedBlock, "claims">): boolean {
  const { block } = examined;
  const result = executeBlock(step.state.tip, step.deps.reader, examined);
  if (!result.ok) return refuse(step, block, result.rule);
  step.update({ executed: withEntry(step.state.executed, key, { block, outcome: result }) });
  return true;
}

function refuse(step: FullNodeStep, block: Block, rule: RuleNumber): false {
  step.emit({ type: "report", code: `invalid_block ${rule}`, height: block.header.height });
  return false;
}

/** Keeps the newest verified proofs within their bound. */
export function rememberProofs(step: FullNodeStep, keys: readonly string[]): void {
  const proofs = new Set([...step.state.verifiedProofs, ...keys]);
  for (const oldest of proofs) {
    if (proofs.size <= VERIFIED_PROOFS_MAX) break;
    proofs.delete(oldest);
  }
  step.update({ verifiedProofs: proofs });
}

/** Every coin a block makes, in block order. */
export function coinsOf(block: Block): readonly CoinOutput[] {
  return block.transactions.flatMap((transaction) => transaction.outputs.filter(isCoinOutput));
}

/** Is this certificate good for a block of the next height (CO-3)? */
export function isCertified(step: FullNodeStep, id: Hash, certificate: Certificate): boolean {
  const { tip } = step.state;
  const { chainId } = tip.chain;
  return verifyCertificate(step.deps.ledger.bls, chainId, nextHeight(tip), id, certificate, tip.nextValidators);
}

/** Makes an executed block final: one batch of writes, then the next height. Nothing is lost if we die in between. */
export function commitExecuted(step: FullNodeStep, id: Hash, certificate: Certificate): void {
  const executed = step.state.executed.get(formatHex(id));
  if (executed === undefined) throw new Error("a block became final before it was executed");
  const { block, outcome } = executed;
  step.emit({ type: "commit-block", commit: blockCommit(outcome, block, certificate) }, { type: "continue" });
  const { consensus } = step.state;
  const isOurs = consensus.height === block.header.height && consensus.seat === block.header.proposer;
  if (isOurs) step.emit({ type: "publish-block", body: blockBody(block), certificate });
  step.update({
    tip: outcome.tip,
    tipCertificate: certificate,
    boundary: isBoundary(block.header)
      ? { height: block.header.height, blockId: id, time: block.header.time }
      : step.state.boundary,
    executed: new Map(),
    examined: new Map(),
    certified: new Map(),
    answeredWants: new Map(),
    shortIds: undefined,
    assemblies: new Map(
      [...step.state.assemblies].filter(([, held]) => held.bound.header.height > block.header.height),
    ),
    ...poolAfter(step, outcome),
  });
}

/** The mempool after a block, whose readers are told of what left it. */
function poolAfter(
  step: FullNodeStep,
  outcome: BlockOutcome,
): Pick<FullNodeState, "mempool" | "stemPool" | "transactionsSince" | "waitedMs"> {
  const held = outcome.txids.flatMap((txid) => step.state.mempool.entries.get(formatHex(txid)) ?? []);
  const block = { txids: outcome.txids, spent: outcome.compact.spent };
  const { mempool, removed } = removeAfterBlock(step.state.mempool, outcome.tip, block);
  if (removed.length > 0) step.emit({ type: "pool-changed", added: [], removed });
  return {
    mempool,
    stemPool: dropStemsAfterBlock(step.state.stemPool, outcome.tip, block),
    transactionsSince: mempool.entries.size === 0 ? undefined : step.now,
    waitedMs: held.map((entry) => step.now - entry.arrivedAt),
  };
}
