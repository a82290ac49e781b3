import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { Block } from "../chain/block.ts";
import { encodeEvidence, type Evidence } from "../chain/evidence.ts";
import { BLOCK_EVIDENCE_MAX } from "../params/limits.ts";
import { accountOf } from "../state/aux-records.ts";
import type { LedgerTip } from "../state/ledger-tip.ts";
import { validateEvidence, type EvidenceDeps } from "../state/validate-evidence.ts";

/** Evidence that a node holds for blocks of its own: there are fewer keys, and one proof convicts each. */
export const EVIDENCE_HELD_MAX = 128;

/** With one more, unless it is held; the oldest makes room. In memory only: others have seen the same. */
export function holdEvidence(held: readonly Evidence[], evidence: Evidence): readonly Evidence[] {
  const bytes = encodeEvidence(evidence);
  if (held.some((each) => equalBytes(encodeEvidence(each), bytes))) return held;
  return [...held, evidence].slice(-EVIDENCE_HELD_MAX);
}

/** What of it still convicts somebody behind this tip (ST-4). */
export function openEvidence(deps: EvidenceDeps, tip: LedgerTip, held: readonly Evidence[]): readonly Evidence[] {
  if (held.length === 0) return held;
  const statusOf = (blsKey: Uint8Array) => accountOf(tip.aux.accounts, blsKey)?.status;
  return held.filter((evidence) => validateEvidence(deps, tip, evidence, statusOf).ok);
}

/** Without what a block held. */
export function withoutBlock(held: readonly Evidence[], block: Pick<Block, "evidence">): readonly Evidence[] {
  if (held.length === 0 || block.evidence.length === 0) return held;
  const included = new Set(block.evidence.map((each) => formatHex(encodeEvidence(each))));
  return held.filter((each) => !included.has(formatHex(encodeEvidence(each))));
}

/** What a block may hold of it. */
export function chooseEvidence(held: readonly Evidence[]): readonly Evidence[] {
  return held.slice(0, BLOCK_EVIDENCE_MAX);
}
