import type { Amount } from "../core/values/amount.ts";
import type { ProposalView } from "./views.ts";

/** What comes of asking for a payment: something to look at, or why it cannot be. Nothing is changed yet. */
export type ProposeResult =
  | { readonly ok: true; readonly proposal: ProposalView }
  | {
      readonly ok: false;
      readonly code:
        | "insufficient_funds" // even with everything that is on its way
        | "funds_busy" // enough in total, but change of an earlier payment is not final yet
        | "not_ready" // the client has not reached the chain yet
        | "address_invalid"
        | "amount_zero"
        | "memo_too_long";
      /** µSTG missing, for insufficient_funds and funds_busy. */
      readonly missing?: Amount;
    };
