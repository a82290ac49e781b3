import type { Block } from "../chain/block.ts";
import type { Genesis } from "../chain/genesis.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import type { BlockOutcome } from "./block-outcome.ts";

/** The virtual block 0 of a valid genesis (GE-2): the same shape as any block, so a store treats it alike. */
export type GenesisResult =
  | ({ readonly ok: true; readonly block: Block } & BlockOutcome)
  | { readonly ok: false; readonly rule: RuleNumber };

export function genesisTip(_deps: { readonly curve: CurveBackend; readonly bls: BlsBackend }, _genesis: Genesis): GenesisResult {
  throw new Error("body follows");
}
