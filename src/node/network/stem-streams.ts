import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Transaction } from "../../core/chain/transaction.ts";
import type { TransactionVerdict } from "../../core/machines/full-node-events.ts";
import type { FrameStream, NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { STEM_JUDGING_PER_STREAM_MAX, STEM_WAITING_MAX, STEM_WAITING_PER_STREAM_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeStemFrame, encodeStemFrame } from "../../wire/requests/stem.ts";

const { name, served, asked } = PROTOCOL.stem;
/** A node that does not serve `stem` may have only not started yet. */
const KNOCK_AGAIN_MS = 1_000;
const KNOCK_AGAIN_MS_MAX = 5 * 60_000;
/**
 * Where a node has no room to look at a transaction it tries again so much later, and so often in all: nobody is told what
 * it did not take out of a stem, and that would lie where it came from until its embargo ends.
 */
export const BUSY_AGAIN_MS = 200;
export const BUSY_LOOKS_MAX = 25;

type StemNetwork = Pick<NodeNetworkPort, "serve" | "openStream" | "onPeer" | "nodes" | "onNode">;

/** Who decides about stem transactions. */
export interface StemDesk {
  received(peer: PeerId, transaction: Transaction): Promise<TransactionVerdict>;
  /** A peer takes stem transactions, or does so no longer. */
  found(peer: PeerId): void;
  lost(peer: PeerId): void;
  /** This one did not leave; txid as hex. */
  unsent(peer: PeerId, txid: string): void;
  /** It sent what is no transaction at all, or one that is wrong for every honest node: those pass on neither. */
  malformed(peer: PeerId): void;
  rejected(peer: PeerId): void;
}

/** A connected node: whether it serves `stem` is asked again and again. */
interface Visit {
  stream: FrameStream | undefined;
  /** Ends the wait before the next try. */
  wake: () => void;
}

/** A stream that transactions come in by. */
interface Edge {
  readonly peer: PeerId;
  isOver: boolean;
  /** Of its transactions that wait for another look. */
  waitingCount: number;
}

/** Streams of protocol `stem`: one to every peer that serves it, so that the node knows who does (NW-4). */
export class StemStreams {
  readonly #network: StemNetwork;
  readonly #desk: StemDesk;
  readonly #visits = new Map<PeerId, Visit>();
  readonly #stopListening: (() => void)[] = [];
  readonly #pause: (ms: number) => Promise<void>;
  #waitingCount = 0;
  #isStopped = false;

  /** `pause` waits between two looks at a transaction. */
  constructor(network: StemNetwork, desk: StemDesk, pause: (ms: number) => Promise<void> = sleep) {
    this.#network = network;
    this.#desk = desk;
    this.#pause = pause;
  }

  async start(): Promise<void> {
    await this.#network.serve(name, served, (stream) => this.#serve(stream));
    const gone = this.#network.onPeer(({ peer, connected }) => {
      if (!connected) this.#end(peer);
    });
    this.#stopListening.push(
      gone,
      this.#network.onNode((peer) => this.#begin(peer)),
    );
    for (const peer of this.#network.nodes()) this.#begin(peer);
  }

  send(peer: PeerId, txid: string, transaction: Transaction): void {
    const stream = this.#visits.get(peer)?.stream;
    if (stream === undefined) this.#desk.unsent(peer, txid);
    else stream.send(encodeStemFrame(transaction)).catch(() => this.#desk.unsent(peer, txid));
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stopListening) stop();
    for (const peer of [...this.#visits.keys()]) this.#end(peer);
  }

  /** Takes a peer's transactions, some at a time. */
  async #serve(stream: FrameStream): Promise<void> {
    const edge: Edge = { peer: stream.peer, isOver: false, waitingCount: 0 };
    const judging = new Set<Promise<void>>();
    try {
      for await (const frame of stream.frames()) {
        const judged = this.#judge(edge, decodeStemFrame(frame)).finally(() => judging.delete(judged));
        judging.add(judged);
        if (judging.size >= STEM_JUDGING_PER_STREAM_MAX) await Promise.race(judging);
      }
    } catch (error) {
      if (error instanceof DecodeError) this.#desk.malformed(stream.peer);
    }
    edge.isOver = true;
    await stream.close().catch(() => undefined);
  }

  async #judge(edge: Edge, transaction: Transaction): Promise<void> {
    // Nobody who reads the stream waits for it: for what comes behind there may be room.
    if (await this.#isBusyWith(edge.peer, transaction)) void this.#lookAgain(edge, transaction);
  }

  /** Tries until there is room. What is above the limits is dropped, and so is what waits where its stream ends. */
  async #lookAgain(edge: Edge, transaction: Transaction): Promise<void> {
    if (edge.waitingCount >= STEM_WAITING_PER_STREAM_MAX || this.#waitingCount >= STEM_WAITING_MAX) return;
    edge.waitingCount++;
    this.#waitingCount++;
    for (let looks = 1; looks < BUSY_LOOKS_MAX; looks++) {
      await this.#pause(BUSY_AGAIN_MS);
      if (edge.isOver || this.#isStopped || !(await this.#isBusyWith(edge.peer, transaction))) break;
    }
    edge.waitingCount--;
    this.#waitingCount--;
  }

  /** Whether there was no room to look at it; any other verdict is dealt with. */
  async #isBusyWith(peer: PeerId, transaction: Transaction): Promise<boolean> {
    // Without a verdict the node has stopped, and nobody is to blame.
    const verdict = await this.#desk.received(peer, transaction).catch(() => undefined);
    if (verdict === undefined || verdict.ok) return false;
    if ("policy" in verdict) return verdict.policy === "busy";
    this.#desk.rejected(peer);
    return false;
  }

  #begin(peer: PeerId): void {
    if (this.#visits.has(peer)) return;
    const visit: Visit = { stream: undefined, wake: () => undefined };
    this.#visits.set(peer, visit);
    void this.#visit(peer, visit);
  }

  #end(peer: PeerId): void {
    const visit = this.#visits.get(peer);
    if (visit === undefined) return;
    this.#visits.delete(peer);
    visit.wake();
    this.#lose(peer, visit);
  }

  /** Opens the stream to a peer and holds it open; tries again later where there is none. */
  async #visit(peer: PeerId, visit: Visit): Promise<void> {
    const isOver = (): boolean => this.#visits.get(peer) !== visit;
    for (let againMs = KNOCK_AGAIN_MS; !isOver(); againMs = Math.min(2 * againMs, KNOCK_AGAIN_MS_MAX)) {
      try {
        const stream = await this.#network.openStream(peer, name, asked);
        if (isOver()) {
          stream.abort("over");
          return;
        }
        visit.stream = stream;
        this.#desk.found(peer);
        await ended(stream);
        this.#lose(peer, visit);
        againMs = KNOCK_AGAIN_MS;
      } catch {
        // A node that is still starting, or none after all.
      }
      if (!isOver()) await pause(visit, againMs);
    }
  }

  #lose(peer: PeerId, visit: Visit): void {
    const { stream } = visit;
    if (stream === undefined) return;
    visit.stream = undefined;
    stream.abort("over");
    this.#desk.lost(peer);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function pause(visit: Visit, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    visit.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** Resolves when the peer has ended the stream, broken it, or said something where nothing is to be said. */
async function ended(stream: FrameStream): Promise<void> {
  try {
    for await (const frame of stream.frames()) if (frame.length > 0) return;
  } catch {
    // However it ended.
  }
}
