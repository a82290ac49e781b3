import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import { applyBlock } from "./apply-block.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import { HEADER_FIELDS, isSameField, wrongField, type BlockRefusal } from "./block-refusal.ts";
import type { ExaminedBlock } from "./examine-block.ts";
import type { LedgerTip } from "./ledger-tip.ts";

/**
 * Last part of valid(v) of 6.2: what a block does whose claims hold, if its header says the same. `tip` and reader are
 * those that it was examined with.
 */
export function executeBlock(
  curve: CurveBackend,
  tip: LedgerTip,
  reader: LedgerReader,
  { block, content }: Omit<ExaminedBlock, "claims">,
): ({ readonly ok: true } & BlockOutcome) | BlockRefusal {
  const outcome = applyBlock(curve, tip, reader, content);
  const wrong = HEADER_FIELDS.find((field) => !isSameField(block.header[field], outcome.tip.header[field]));
  return wrong === undefined ? { ok: true, ...outcome } : wrongField(wrong);
}
