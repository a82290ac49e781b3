import type { DrawRecheck } from "../../api/views.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { readAwardClaim } from "../../core/sync/award-claim.ts";
import { AWARD_FAULT_RULES, recheckAward } from "../../core/sync/recheck-award.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { LightClientRun } from "./light-client-run.ts";

/** Draws rechecked at a look: three pairings each, and blocks wait for them. */
const RECHECKS_AT_ONCE = 2;

/** What of a run tells whom to trust. */
type TrustingRun = Pick<LightClientRun, "proofRoot"> & {
  readonly state: { readonly durable: { readonly fork: unknown } };
};

/**
 * Past draws, rechecked on this device from the chain that it follows (AW-4), a few at a look and each once: whoever looks
 * again hands in the same objects.
 */
export class AwardRechecks {
  readonly #bls: BlsBackend;
  readonly #run: () => TrustingRun | undefined;
  readonly #known = new WeakMap<object, DrawRecheck>();

  constructor(bls: BlsBackend, run: () => TrustingRun | undefined) {
    this.#bls = bls;
    this.#run = run;
  }

  /** One look: gives what is known of an entry of `past`, and finds it out for the first few that nothing is known of. */
  look(): (draw: unknown) => DrawRecheck {
    const trusted = this.#trusted();
    let left = RECHECKS_AT_ONCE;
    return (draw) => {
      if (trusted === undefined || typeof draw !== "object" || draw === null) return "unchecked";
      const known = this.#known.get(draw);
      if (known !== undefined || left === 0) return known ?? "unchecked";
      const found = this.#recheck(trusted, draw);
      // Nothing is wrong with a draw of people whom this device does not know; it may get to know them.
      if (found === "unchecked") return found;
      left--;
      this.#known.set(draw, found);
      return found;
    };
  }

  #recheck(trusted: TrustedHeader, draw: object): DrawRecheck {
    const claim = readAwardClaim(draw);
    if (claim === undefined) return { code: "malformed", rule: "EN-3" };
    const code = recheckAward(this.#bls, trusted, claim);
    if (code === "unknown_signers") return "unchecked";
    return code === undefined ? "ok" : { code, rule: AWARD_FAULT_RULES[code] };
  }

  /** LC-3, LC-4: over a fork, or with a chain that is too old, nobody is to be believed. */
  #trusted(): TrustedHeader | undefined {
    const run = this.#run();
    const root = run?.state.durable.fork === undefined ? run?.proofRoot() : undefined;
    return root?.type === "header" ? root.header : undefined;
  }
}
