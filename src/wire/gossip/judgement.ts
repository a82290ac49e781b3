import type { Verdict } from "../../core/ports/network-port.ts";

/**
 * What a judge of the first stage says. It looks at the bytes and at what is cheap to know; `accept` hands on the
 * decoded value, and only when the machine's own rules hold as well is the message forwarded.
 */
export type Judgement<T> =
  { readonly verdict: "accept"; readonly value: T } | Exclude<Verdict, { readonly verdict: "accept" }>;

/** REJECT costs the sender its score: only for what is wrong for every honest node. */
export function reject(reason: string): { readonly verdict: "reject"; readonly reason: string } {
  return { verdict: "reject", reason };
}

/** IGNORE is policy, or a message that others may see differently. */
export function ignore(reason: string): { readonly verdict: "ignore"; readonly reason: string } {
  return { verdict: "ignore", reason };
}
