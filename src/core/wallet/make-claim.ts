import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import { guardedLinkSecret } from "../crypto/packet-password.ts";
import type { Random } from "../ports/random.ts";
import {
  buildClaim,
  makeClaimSeat,
  opensPacket,
  type BuildClaimResult,
  type ClaimPass,
  type ClaimSeat,
  type ClaimTarget,
} from "./build-claim.ts";
import type { AccountKeys } from "./keys.ts";

/** What a link and a password are tried on. */
export interface PrepareClaimJob {
  readonly target: Omit<ClaimTarget, "guardedSecret">;
  /** Bytes of RP-4; undefined: the link is enough. */
  readonly password: Uint8Array | undefined;
}

export type PrepareClaimResult =
  | { readonly ok: true; readonly target: ClaimTarget; readonly seat: ClaimSeat }
  /** Or a link of another packet. */
  | { readonly ok: false; readonly code: "wrong_password" };

export interface MakeClaimJob {
  readonly target: ClaimTarget;
  readonly seat: ClaimSeat;
  readonly pass: ClaimPass;
}

/** Tries link and password on a packet, and makes the keys of the coin to ask for. A password takes 16 MiB and some 50 ms. */
export function prepareClaim(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { target, password }: PrepareClaimJob,
): PrepareClaimResult {
  const guardedSecret = password && guardedLinkSecret(password, target.linkSecret);
  const guarded = { ...target, guardedSecret };
  if (!opensPacket(curve, guarded)) return { ok: false, code: "wrong_password" };
  return { ok: true, target: guarded, seat: makeClaimSeat(curve, random, keys, guarded) };
}

/**
 * Signs a claim with the backend of this thread, and where the reference finds the result wrong, anew with the reference
 * and for another seat (PR-9); but not where work was done for that seat.
 */
export function makeClaim(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { target, seat, pass }: MakeClaimJob,
): BuildClaimResult {
  const made = buildClaim(curve, random, keys, target, seat, pass);
  if (made.ok || made.code !== "check_failed" || pass.mode === "chance") return made;
  const reference = createNobleBackend();
  if (curve.name === reference.name) return made;
  return buildClaim(reference, random, keys, target, makeClaimSeat(reference, random, keys, target), pass);
}
