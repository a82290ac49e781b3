import type { Amount } from "../values/amount.ts";
import type { TimeMs } from "../values/height.ts";

/** What is asked for, in bounds and fit for a link (AD-8). */
export interface RequestTerms {
  readonly amount: Amount | undefined;
  readonly expiresMs: TimeMs | undefined;
  readonly note: string | undefined;
  readonly reference: string | undefined;
}

/** A request of this wallet: what pays its address pays it (AD-9). */
export interface OwnRequest extends RequestTerms {
  /** 32 hex digits by which the device names it; they are in no link. */
  readonly id: string;
  /** Place in the order of making, never changed. */
  readonly sequence: number;
  /** j of its address. */
  readonly addressIndex: number;
  readonly createdMs: TimeMs;
  readonly cancelledMs: TimeMs | undefined;
}
