import { formatHex } from "../bytes/hex.ts";
import { verifyCertificate, type Certificate } from "../chain/certificate.ts";
import type { BlockBody } from "../chain/consensus-frames.ts";
import { isBoundary } from "../chain/header.ts";
import { removeAfterBlock } from "../mempool/mempool.ts";
import { dropStemsAfterBlock } from "../mempool/stem-pool.ts";
import type { LeafReader, LedgerChanges } from "../ports/ledger-reader.ts";
import type { PeerId } from "../ports/network-port.ts";
import { blockCommit, type BlockOutcome } from "../state/block-outcome.ts";
import { withBoundary } from "../state/seat-history.ts";
import { nextHeight } from "../state/ledger-tip.ts";
import type { Hash } from "../values/hash.ts";
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
import { withEntry, type FullNodeState, type FullNodeStep } from "./full-node-state.ts";
import { evidenceAfterBlock } from "./gather-evidence.ts";
import { isJudgedFrom, judgeBlock, versionsJudged, VERSIONS_JUDGED_MAX, withdrawClaims } from "./judge-blocks.ts";

/** Bodies held of one height that is not final: every round may bring one, a flood of them must not. */
export const ASSEMBLIES_MAX = 64;

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
  if (held !== undefined && isJudgedFrom(step, key, from)) return held;
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
 * Judges what is whole of the block: undefined means that transactions or a verdict are still missing. Transactions have
 * then been asked for, unless a version is being judged that nothing speaks against; the answer comes through the same
 * way again.
 */
export function tryExecute(step: FullNodeStep, id: Hash, partsFrom: PeerId | undefined): boolean | undefined {
  const key = formatHex(id);
  if (step.state.executed.has(key)) return true;
  const held = step.state.assemblies.get(key);
  if (held === undefined || held.bound.header.height !== nextHeight(step.state.tip)) return undefined;
  if (held.whole !== undefined) return judgeBlock(step, key, held.whole, "own");
  const room = VERSIONS_JUDGED_MAX - versionsJudged(step, key);
  const { assembly, index, wholes, ask, liars } = searchAssembly(held, step.state.mempool, room, step.state.shortIds);
  step.update({ shortIds: index });
  if (assembly !== held) step.update({ assemblies: withEntry(step.state.assemblies, key, assembly) });
  for (const peer of liars) step.emit({ type: "drop-peer", peer, reason: "bad_block" });
  for (const { block, from } of wholes) {
    const ok = judgeBlock(step, key, block, from === undefined ? "own" : { peer: from });
    if (ok !== undefined) return ok;
  }
  if (versionsJudged(step, key) > 0 && !step.state.doubted.has(key)) return undefined;
  for (const peer of new Set(partsFrom === undefined ? ask : [...ask, partsFrom])) askForParts(step, assembly, peer);
  return undefined;
}

/** A version of the block was forged: the next one has its turn, and what all others say it holds is asked for. */
export function tryOthers(step: FullNodeStep, id: Hash): boolean | undefined {
  const ok = tryExecute(step, id, undefined);
  const assembly = step.state.assemblies.get(formatHex(id));
  if (ok !== undefined || assembly === undefined) return ok;
  for (const { from } of assembly.versions) if (from !== undefined) askForParts(step, assembly, from);
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
  withdrawClaims(step, () => true);
  const { consensus } = step.state;
  const isOurs = consensus.height === block.header.height && consensus.seat === block.header.proposer;
  if (isOurs) step.emit({ type: "publish-block", body: blockBody(block), certificate });
  step.update({
    tip: outcome.tip,
    tipCertificate: certificate,
    seatHistory: isBoundary(block.header) ? withBoundary(step.state.seatHistory, outcome.tip) : step.state.seatHistory,
    boundary: isBoundary(block.header)
      ? { height: block.header.height, blockId: id, time: block.header.time }
      : step.state.boundary,
    executed: new Map(),
    doubted: new Set(),
    certified: new Map(),
    answeredWants: new Map(),
    shortIds: undefined,
    assemblies: new Map(
      [...step.state.assemblies].filter(([, held]) => held.bound.header.height > block.header.height),
    ),
    ...poolAfter(step, outcome),
  });
  evidenceAfterBlock(step);
}

/** The mempool after a block, whose readers are told of what left it. */
function poolAfter(
  step: FullNodeStep,
  outcome: BlockOutcome,
): Pick<FullNodeState, "mempool" | "stemPool" | "transactionsSince" | "waitedMs"> {
  const held = outcome.txids.flatMap((txid) => step.state.mempool.entries.get(formatHex(txid)) ?? []);
  const { spent, changed } = outcome.compact;
  const block = { txids: outcome.txids, spent, rewritten: changed.map(({ leaf }) => leaf) };
  const reader = readerAfter(step.deps.reader, outcome.changes);
  const { mempool, removed } = removeAfterBlock(step.state.mempool, outcome.tip, reader, block);
  if (removed.length > 0) step.emit({ type: "pool-changed", added: [], removed });
  return {
    mempool,
    stemPool: dropStemsAfterBlock(step.state.stemPool, outcome.tip, reader, block),
    transactionsSince: mempool.entries.size === 0 ? undefined : step.now,
    waitedMs: held.map((entry) => step.now - entry.arrivedAt),
  };
}

/** Leaves as they will be once a block is stored: the reader still shows those before it. */
function readerAfter(reader: LeafReader, { leaves }: LedgerChanges): LeafReader {
  return { leaf: (index) => (leaves.has(index) ? leaves.get(index) : reader.leaf(index)) };
}
