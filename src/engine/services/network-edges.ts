import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Protocol } from "../../wire/protocols.ts";

/** The frames of one answer, without its end frame. */
export interface Answer {
  /** Ends when the answer does; throws when it broke, was refused or was cancelled. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** Ends the stream at once. */
  cancel(): void;
}

/** The code with which a peer refused a question, where that is why it failed (11.1). */
export function refusalCode(error: unknown): number | undefined {
  const { refusal } = (error ?? {}) as { readonly refusal?: { readonly code: number } };
  return refusal?.code;
}

/** Questions to peers; `net/requests` asks them. What it throws tells a refusal by {@link refusalCode}. */
export interface Requests {
  /** Takes exactly one frame of answer. */
  one(
    network: NetworkPort,
    peer: PeerId,
    protocol: Protocol,
    frame: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array>;
  /** `firstMs` or `idleMs` undefined: the stream may stay open without a frame; `openMs` then bounds its opening. */
  many(
    network: NetworkPort,
    peer: PeerId,
    protocol: Protocol,
    frame: Uint8Array,
    wait: { readonly openMs?: number; readonly firstMs?: number; readonly idleMs?: number },
  ): Answer;
}

/** What a light client's network needs of its platform. */
export interface NetworkEdges {
  /** The text of `/network.json`; undefined when it cannot be had. */
  fetchNetworkFile(): Promise<string | undefined>;
  /**
   * The text of an address, as `peers` carries it, that can be dialled here; local ones on a dev network only. Absent:
   * only nodes of the file are used.
   */
  readAddress?(bytes: Uint8Array, allowsPrivate: boolean): Promise<string | undefined>;
  /** A host with an identity nobody has seen (NW-11). */
  openHost(chainId: number): Promise<NetworkPort>;
  readonly requests: Requests;
  readonly random: Random;
  readonly timers: Timers;
}

export interface Timers {
  /** Unix milliseconds of the device. */
  now(): number;
  /** Calls back once after so many milliseconds, or later; returns how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
}
