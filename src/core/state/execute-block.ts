import type { Block } from "../chain/block.ts";
import type { Header } from "../chain/header.ts";
import type { Output } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import type { LedgerTip } from "./ledger-tip.ts";

/** A coin as it stands in a transaction, with payload and range proof. */
export type CoinOutput = Extract<Output, { readonly payload: Uint8Array }>;

export interface LedgerDeps {
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  /** Proofs are checked elsewhere, in batches and once each; "no" refuses the transaction with TX-3. */
  isRangeProofVerified(output: CoinOutput): boolean;
}

/** A block's effects, or the first rule it breaks; `field` names the header field that is not what it must be. */
export type ExecuteResult =
  | ({ readonly ok: true } & BlockOutcome)
  | { readonly ok: false; readonly rule: RuleNumber; readonly field?: keyof Header };

export function executeBlock(_deps: LedgerDeps, _tip: LedgerTip, _reader: LedgerReader, _block: Block): ExecuteResult {
  throw new Error("body follows");
}
