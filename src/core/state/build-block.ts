import { nextBeacon } from "../chain/beacon.ts";
import type { Block } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { Evidence } from "../chain/evidence.ts";
import type { Transaction } from "../chain/transaction.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { applyBlock } from "./apply-block.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import { blockOverhead, BlockTransactions } from "./block-transactions.ts";
import { validateTime } from "./examine-block.ts";
import type { LedgerDeps } from "./ledger-deps.ts";
import type { LedgerTip } from "./ledger-tip.ts";

/** What a proposer puts into its block; everything else follows from the ledger. */
export interface BlockDraft {
  readonly time: TimeMs;
  readonly round: number;
  /** Own seat in `tip.nextValidators`. */
  readonly proposer: number;
  /** BLS signature of `beaconMessage(chainId, height, tip.header.beacon)`. */
  readonly beaconSignature: Uint8Array;
  /** For the block of the tip; the empty one at height 1. */
  readonly lastCertificate: Certificate;
  /** What does not convict anybody is left out (ST-4). */
  readonly evidence: readonly Evidence[];
  /** Whoever drafts has verified their claims. */
  readonly transactions: readonly Transaction[];
}

export type BuildResult =
  | {
      readonly ok: true;
      readonly block: Block;
      readonly outcome: BlockOutcome;
      /** Transactions of the draft that do not fit the ledger; they are not in the block. */
      readonly refused: readonly { readonly transaction: Transaction; readonly rule: RuleNumber }[];
    }
  | { readonly ok: false; readonly rule: RuleNumber };

/**
 * Makes a block that {@link examineBlock} and {@link executeBlock} accept, as long as the draft's certificate, seat,
 * beacon signature and claims are right: a proposer has verified or made them itself, so they are not paid a second time.
 * A transaction that does not fit is left out rather than losing the whole block.
 */
export function buildBlock(deps: LedgerDeps, tip: LedgerTip, reader: LedgerReader, draft: BlockDraft): BuildResult {
  const time = validateTime(tip, draft.time);
  if (!time.ok) return time;
  const { lastCertificate } = draft;
  const beacon = nextBeacon(tip.header.beacon, draft.beaconSignature);
  const overhead = blockOverhead(lastCertificate, draft.evidence);
  const transactions = new BlockTransactions(deps, tip, reader, beacon, overhead);
  for (const evidence of draft.evidence) transactions.addEvidence(evidence);
  const refused: { transaction: Transaction; rule: RuleNumber }[] = [];
  for (const transaction of draft.transactions) {
    const added = transactions.add(transaction);
    if (!added.ok) refused.push({ transaction, rule: added.rule });
  }
  const outcome = applyBlock(deps.curve, tip, reader, {
    time: draft.time,
    round: draft.round,
    proposer: draft.proposer,
    beaconSignature: draft.beaconSignature,
    lastCertificate,
    evidence: transactions.evidence,
    convicted: transactions.convicted,
    transactions: transactions.accepted,
    spent: transactions.spent,
    packets: transactions.packets,
  });
  const block: Block = {
    header: outcome.tip.header,
    lastCertificate,
    evidence: transactions.evidence,
    transactions: transactions.accepted.map(({ transaction }) => transaction),
  };
  return { ok: true, block, outcome, refused };
}
