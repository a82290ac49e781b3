import type { PeerId } from "../ports/network-port.ts";
import type { ConsensusEvent } from "./consensus-events.ts";

/** Messages one peer may have waiting for the next height: a proposal, its two votes, and some of a second round. */
export const EARLY_MESSAGES_PER_PEER_MAX = 8;
export const EARLY_PEERS_MAX = 256;

/** A vote or proposal for height + 1, where the set and so the signer's key may not be known yet. */
export type EarlyMessage = Extract<ConsensusEvent, { type: "vote-received" | "proposal-received" }>;

/** Peers that decided a little earlier go on at once; what they say is held until we follow. Bounded by peer. */
export type EarlyMessages = ReadonlyMap<PeerId, readonly EarlyMessage[]>;

/** Holds a message, dropping it where its sender already has its share. have-sets bring back what is dropped. */
export function holdEarly(early: EarlyMessages, message: EarlyMessage): EarlyMessages {
  const held = early.get(message.from) ?? [];
  if (held.length >= EARLY_MESSAGES_PER_PEER_MAX) return early;
  if (held.length === 0 && early.size >= EARLY_PEERS_MAX) return early;
  return new Map(early).set(message.from, [...held, message]);
}
