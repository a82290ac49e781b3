import { formatHex } from "../bytes/hex.ts";
import { placesOf } from "../chain/transaction.ts";
import { admitCandidate, type AdmitRefusal } from "../mempool/admit-transaction.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import { dropStems, hasStemRoom, holdStem, type StemWay } from "../mempool/stem-pool.ts";
import {
  currentRoute,
  embargoMs,
  isFluffHere,
  nextHop,
  withCandidate,
  withoutCandidate,
  type StemEdge,
  type StemPeer,
} from "../mempool/stem-route.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs } from "../values/height.ts";
import type { TransactionSource, TransactionVerdict } from "./full-node-events.ts";
import type { FullNodeStep } from "./full-node-state.ts";

/** A peer that many blocks behind us is still catching up. */
const STEM_LAG_BLOCKS = 4;

type Verified = Omit<MempoolEntry, "arrival">;

/** Takes a verified transaction into the mempool, and publishes it unless gossip forwards it by itself. */
export function admit(
  step: FullNodeStep,
  entry: Verified,
  { isPublic }: { readonly isPublic: boolean },
): TransactionVerdict {
  const { mempool, packetReads, stemPool, tip, transactionsSince } = step.state;
  const admitted = admitCandidate(mempool, tip, step.deps.reader, { entry }, packetReads);
  if (admitted.verdict !== "accept") return verdictOf(entry.txid, admitted);
  step.update({
    mempool: admitted.mempool,
    stemPool: dropStems(stemPool, placesOf(entry.transaction)),
    transactionsSince: transactionsSince ?? step.now,
  });
  step.emit({ type: "pool-changed", added: [admitted.added], removed: admitted.removed });
  if (!isPublic) step.emit({ type: "publish-transaction", transaction: entry.transaction });
  return { ok: true, txid: entry.txid };
}

/**
 * NW-4: passes a verified transaction on, unless its stem ends here: by chance, which never befalls what a client
 * handed in, or because nobody is there to pass it to. Until it is public nobody but the next node hears of it; a
 * validator does not propose it either, because a block would say who had it.
 */
export function enterStem(step: FullNodeStep, entry: Verified, from: StemEdge): TransactionVerdict {
  const { stemSecret: secret, reader } = step.deps;
  const { txid, transaction } = entry;
  step.update({ stemRoute: currentRoute(secret, step.state.stemRoute, step.now) });
  const { mempool, packetReads, stemPool, stemRoute, tip } = step.state;
  const isOver = from !== undefined && isFluffHere(secret, txid);
  const to = isOver ? undefined : nextHop(secret, stemRoute, from, (peer) => isBehind(step, peer));
  if (to === undefined) return admit(step, entry, { isPublic: false });
  // As if it went into the mempool: what could not be published later goes no further now.
  const admitted = admitCandidate(mempool, tip, reader, { entry }, packetReads);
  if (admitted.verdict !== "accept") return verdictOf(txid, admitted);
  // Publishing instead would let a flood lift the veil from everybody else; another node may have room.
  if (!hasStemRoom(stemPool, entry.size)) return { ok: false, txid, policy: "pool_full" };
  const way = { from, to, embargoAt: timeMs(step.now + embargoMs(secret, txid)) };
  step.update({ stemPool: holdStem(stemPool, admitted.added, way) });
  const key = formatHex(txid);
  step.emit({ type: "send-stem", peer: to, txid: key, transaction });
  step.emit({ type: "arm-timer", timer: { kind: "embargo", txid: key, at: way.embargoAt }, at: way.embargoAt });
  return { ok: true, txid };
}

/** What peers have shown of their height is a little old. */
function isBehind({ state }: FullNodeStep, peer: PeerId): boolean {
  const shown = state.peers.get(peer);
  return shown !== undefined && shown + STEM_LAG_BLOCKS < state.tip.header.height;
}

/** A held stem transaction comes again: it went round, or others have made it public, or its owner is impatient. */
export function takeStemAgain(step: FullNodeStep, held: MempoolEntry, source: TransactionSource): TransactionVerdict {
  if (source === "client") return { ok: true, txid: held.txid };
  return fluff(step, held, { isPublic: source === "gossip" });
}

/** The time in which others should have made it public is over. */
export function embargoOver(step: FullNodeStep, txid: string, at: number): void {
  const { held, ways } = step.state.stemPool;
  if (ways.get(txid)?.embargoAt === at) fluff(step, held.entries.get(txid)!, { isPublic: false });
}

export function stemPeerFound(step: FullNodeStep, found: StemPeer): void {
  step.update({ stemRoute: withCandidate(step.deps.stemSecret, step.state.stemRoute, found) });
}

export function stemPeerLost(step: FullNodeStep, peer: PeerId): void {
  step.update({ stemRoute: withoutCandidate(step.deps.stemSecret, step.state.stemRoute, peer) });
}

/** The next node did not get it: another one does. Its embargo goes on. */
export function stemUnsent(step: FullNodeStep, peer: PeerId, txid: string): void {
  stemPeerLost(step, peer);
  const { stemPool, stemRoute } = step.state;
  const way = stemPool.ways.get(txid);
  if (way?.to !== peer) return;
  const held = stemPool.held.entries.get(txid)!;
  const to = nextHop(step.deps.stemSecret, stemRoute, way.from, (each) => isBehind(step, each));
  if (to === undefined) {
    fluff(step, held, { isPublic: false });
    return;
  }
  const again: StemWay = { ...way, to };
  step.update({ stemPool: holdStem(stemPool, held, again) });
  step.emit({ type: "send-stem", peer: to, txid, transaction: held.transaction });
}

/** The stem ends here, whether the mempool takes the transaction or not. */
function fluff(step: FullNodeStep, held: MempoolEntry, how: { readonly isPublic: boolean }): TransactionVerdict {
  step.update({ stemPool: dropStems(step.state.stemPool, placesOf(held.transaction)) });
  return admit(step, held, how);
}

export function verdictOf(txid: Hash, refusal: AdmitRefusal): TransactionVerdict {
  if (refusal.verdict === "reject") return { ok: false, txid, rule: refusal.rule };
  const policy = refusal.reason;
  return refusal.rule === undefined ? { ok: false, txid, policy } : { ok: false, txid, policy, rule: refusal.rule };
}
