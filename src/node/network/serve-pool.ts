import { isCoinOutput } from "../../core/chain/output.ts";
import { outputsOf } from "../../core/chain/transaction.ts";
import type { Mempool, MempoolEntry, Removal } from "../../core/mempool/mempool.ts";
import type { FrameStream, NetworkPort } from "../../core/ports/network-port.ts";
import { POOL_WAITING_BYTES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodePoolRequest, encodePoolItem } from "../../wire/requests/pool.ts";
import type { RequestGuard } from "./request-guard.ts";
import { serveRequests } from "./serve-requests.ts";

/** What one waiting frame costs us beside its bytes. */
const FRAME_OVERHEAD_BYTES = 64;

type Asker = Pick<FrameStream, "closed" | "abort">;

/** Tells readers of protocol `pool` what of the mempool makes coins, and what changes there (NW-13). */
export class PoolServer {
  readonly #readers = new Set<PoolReader>();
  readonly #mempool: () => Mempool;

  constructor(mempool: () => Mempool) {
    this.#mempool = mempool;
  }

  async serve(network: NetworkPort, guard?: RequestGuard): Promise<void> {
    const answer = (request: Uint8Array, asker: Asker): AsyncIterable<Uint8Array> => {
      decodePoolRequest(request);
      return this.#answer(asker);
    };
    await serveRequests(network, PROTOCOL.pool, answer, guard);
  }

  /** The mempool has changed, and what `mempool` gives shows it already. */
  changed(added: readonly MempoolEntry[], removed: readonly Removal[]): void {
    // Written once, whoever reads it.
    if (this.#readers.size === 0) return;
    const gone = removed.filter(({ entry }) => makesCoins(entry));
    const frames = [...gone.map(encodeRemoval), ...added.filter(makesCoins).map(encodeEntry)];
    if (frames.length === 0) return;
    for (const reader of this.#readers) reader.push(frames);
  }

  /**
   * First what is held, then every change; ends with its reader. What is held is remembered by name only, so that a
   * reader who takes his time keeps nothing alive that has left the mempool.
   */
  async *#answer(asker: Asker): AsyncIterable<Uint8Array> {
    const names = [...this.#mempool().entries.keys()];
    const reader = new PoolReader(() => {
      this.#readers.delete(reader);
      asker.abort("reads the mempool too slowly");
    });
    this.#readers.add(reader);
    void asker.closed.then(() => reader.end());
    try {
      for (const name of names) {
        const entry = this.#mempool().entries.get(name);
        if (entry !== undefined && makesCoins(entry)) yield encodeEntry(entry);
      }
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) yield frame;
    } finally {
      this.#readers.delete(reader);
    }
  }
}

/** What one stream has still to be told, within its bound. */
class PoolReader {
  readonly #tooSlow: () => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(tooSlow: () => void) {
    this.#tooSlow = tooSlow;
  }

  push(frames: readonly Uint8Array[]): void {
    if (this.#isOver) return;
    for (const frame of frames) {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.length + FRAME_OVERHEAD_BYTES;
    }
    if (this.#waitingBytes > POOL_WAITING_BYTES_MAX) {
      this.end();
      this.#tooSlow();
    }
    this.#wake();
  }

  /** The next frame, once there is one; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#waiting.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    const frame = this.#waiting.shift();
    this.#waitingBytes -= frame === undefined ? 0 : frame.length + FRAME_OVERHEAD_BYTES;
    return frame;
  }

  end(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#wake();
  }
}

/** A thousand claims of a packet would else be told to the thousand who wait for its shares, and pay none of them. */
function makesCoins({ transaction }: MempoolEntry): boolean {
  return outputsOf(transaction).some(isCoinOutput);
}

function encodeEntry({ txid, transaction }: MempoolEntry): Uint8Array {
  return encodePoolItem({ notice: "new", txid, outputs: outputsOf(transaction).filter(isCoinOutput) });
}

function encodeRemoval({ entry, reason }: Removal): Uint8Array {
  return encodePoolItem({ notice: reason === "included" ? "included" : "dropped", txid: entry.txid });
}
