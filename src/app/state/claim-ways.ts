import type { ClaimProblem } from "./claim.svelte.ts";

/**
 * What a person can do about a problem: try again here, load the page again, copy the link for another browser, go to the
 * wallet that says more, or, with nothing to open, see what this is.
 */
export type ClaimWay = "again" | "here" | "reload" | "copy" | "wallet" | "own";

export const CLAIM_WAYS: Readonly<Record<ClaimProblem, ClaimWay>> = {
  not_this_time: "again",
  gone: "own",
  expired: "own",
  already_opened: "wallet",
  wrong_password: "again",
  not_for_you: "wallet",
  gift_below_fee: "own",
  refused: "again",
  malformed: "own",
  too_long: "own",
  newer_version: "reload",
  wrong_network: "own",
  no_link: "own",
  offline: "again",
  not_ready: "again",
  checkpoint_too_old: "wallet",
  fork: "wallet",
  no_wallet: "copy",
  restoring: "wallet",
  failed: "again",
  storage_denied: "copy",
  storage_full: "again",
  storage_newer: "reload",
  storage_broken: "wallet",
  storage_lost: "wallet",
  storage_failed: "again",
  open_elsewhere: "here",
  moved_to_other_tab: "here",
  no_crypto: "copy",
  start_failed: "again",
};

/** One more tap, on the seal as well. */
export function isRetry(way: ClaimWay): boolean {
  return way === "again" || way === "here";
}
