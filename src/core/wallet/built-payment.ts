import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";
import type { Note } from "./note.ts";
import type { PaymentOutput } from "./payment.ts";
import type { PaymentProposal } from "./propose-payment.ts";

/** Work for a crypto worker: plain data, to be cloned. The edge adds the account's keys for this one job. */
export interface BuildPaymentJob {
  readonly chainId: number;
  readonly proposal: PaymentProposal;
  /** The notes of `proposal.inputs`, in that order. */
  readonly notes: readonly Note[];
  /** The later of the device's clock and the last block's time. */
  readonly nowMs: TimeMs;
}

/** A signed payment, checked by every rule that needs no ledger on the reference curve. */
export interface BuiltPayment {
  readonly transaction: Uint8Array;
  readonly txid: Hash;
  /** In transaction order. */
  readonly outputs: readonly PaymentOutput[];
  readonly anchorSource: Uint8Array;
  readonly notAfter: TimeMs;
}

export type BuildPaymentResult =
  | { readonly ok: true; readonly payment: BuiltPayment }
  /** The arithmetic came out wrong, or the notes are not what the proposal says: nothing may be sent. */
  | { readonly ok: false; readonly code: "check_failed" | "bad_recipient" | "notes_mismatch" };
