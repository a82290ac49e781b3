import type { Block } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { Transaction } from "../chain/transaction.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import type { LedgerDeps } from "./execute-block.ts";
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

export function buildBlock(_deps: LedgerDeps, _tip: LedgerTip, _reader: LedgerReader, _draft: BlockDraft): BuildResult {
  throw new Error("body follows");
}
