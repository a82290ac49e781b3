import type { BlockProposal } from "./consensus-events.ts";

/** A proposal whose signature verified. */
export interface HeldProposal {
  readonly proposal: BlockProposal;
  /** What CO-1 and CO-2 say of it on first receipt: `refused` and `untimely` both make the prevote of CO-5 nil. */
  readonly verdict: "acceptable" | "untimely" | "refused";
}
