import { equalBytes } from "../bytes/compare-bytes.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { encodeEvidence, readEvidence, type Evidence } from "../chain/evidence.ts";
import { BLOCK_EVIDENCE_MAX } from "../params/limits.ts";
import { accountOf } from "../state/aux-records.ts";
import { examineEvidence, type EvidenceVerdict, type ExaminedEvidence } from "../state/examine-evidence.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import type { SeatHistory } from "../state/seat-history.ts";
import type { TimeMs } from "../values/height.ts";

/** Evidence that a node holds for blocks, of which it needs one piece or two for each key (ST-10). */
export const EVIDENCE_HELD_MAX = 128;

/** Verified evidence that no block has held yet. */
export interface HeldEvidence {
  readonly evidence: Evidence;
  /** Canonical bytes: what a copy is known by. */
  readonly bytes: Uint8Array;
  /** Keys that it would convict, with the power they had, and since when its age counts (ST-4). */
  readonly blsKeys: readonly Uint8Array[];
  readonly power: number;
  readonly since: TimeMs;
  /** When this node last sent it to all. */
  readonly publishedAt: TimeMs;
}

/** What of it a restart needs: a count, then each piece, in the order in which they came. */
export function encodeHeldEvidence(held: readonly HeldEvidence[]): Uint8Array {
  return new Writer(1 + 335 * held.length)
    .u8(held.length)
    .list(held, (out, { bytes }) => out.bytes(bytes))
    .finish();
}

export function decodeHeldEvidence(bytes: Uint8Array): readonly Evidence[] {
  return decodeWhole(bytes, (reader) => reader.list(reader.u8(), EVIDENCE_HELD_MAX, readEvidence));
}

/** ST-4 without signatures, behind the tip. */
export function examineBehind(tip: LedgerTip, seatHistory: SeatHistory, evidence: Evidence): EvidenceVerdict {
  return examineEvidence(seatHistory, tip, evidence, (blsKey) => accountOf(tip.aux.accounts, blsKey)?.status);
}

/**
 * ST-10: does what is held convict the same keys, for as long? Whoever signs twice can do so any number of times, and all
 * nodes would pass on all of it. What is past half its time does not stand for younger evidence: it may be too old before
 * a block has room for it.
 */
export function isCovered(held: readonly HeldEvidence[], tip: LedgerTip, examined: ExaminedEvidence): boolean {
  const isYoung = (since: TimeMs): boolean => 2 * (tip.header.time - since) <= tip.chain.params.evidenceMs;
  const lasting = held.filter(({ since }) => isYoung(since) || !isYoung(examined.since));
  return examined.blsKeys.every((key) => lasting.some(({ blsKeys }) => blsKeys.some((each) => equalBytes(each, key))));
}

/**
 * ST-10: with one more. Where there is no room, that of the least power gives way, the newest first; undefined where this
 * is the one itself.
 */
export function holdEvidence(
  held: readonly HeldEvidence[],
  evidence: Evidence,
  { blsKeys, power, since }: ExaminedEvidence,
  publishedAt: TimeMs,
): readonly HeldEvidence[] | undefined {
  const one = { evidence, bytes: encodeEvidence(evidence), blsKeys, power, since, publishedAt };
  if (held.length < EVIDENCE_HELD_MAX) return [...held, one];
  const least = Math.min(...held.map((each) => each.power));
  if (power <= least) return undefined;
  const out = held.findLastIndex((each) => each.power === least);
  return [...held.toSpliced(out, 1), one];
}

/** What of it still convicts somebody behind this tip (ST-4), and whom. */
export function openEvidence(
  held: readonly HeldEvidence[],
  tip: LedgerTip,
  seatHistory: SeatHistory,
): readonly HeldEvidence[] {
  const open = held.flatMap((each) => {
    const examined = examineBehind(tip, seatHistory, each.evidence);
    return examined.ok ? [{ ...each, blsKeys: examined.blsKeys, power: examined.power }] : [];
  });
  return open.length === held.length && open.every(({ power }, at) => power === held[at]!.power) ? held : open;
}

/** What a block may hold of it: of the most power first. */
export function chooseEvidence(held: readonly HeldEvidence[]): readonly Evidence[] {
  const byPower = held.toSorted((left, right) => right.power - left.power);
  return byPower.slice(0, BLOCK_EVIDENCE_MAX).map(({ evidence }) => evidence);
}
