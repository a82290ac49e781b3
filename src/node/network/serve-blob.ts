import { isBlobHour, isBlobWork } from "../../core/blob/blob-work.ts";
import { blobSizeOf, isBlob } from "../../core/blob/sealed-blob.ts";
import type { BlobStore } from "../../core/ports/blob-store.ts";
import type { FrameStream, NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { HeldBytes } from "../../net/held-bytes.ts";
import {
  ANSWERS_SENDING_BYTES_MAX,
  BLOB_BYTES_PER_MINUTE_MAX,
  BLOB_PUT_BYTES_PER_MINUTE_MAX,
  BLOB_PUTS_RUNNING_MAX,
} from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeBlobRequest,
  encodeBlobHasAnswer,
  encodeBlobItem,
  encodeBlobPutAnswer,
  type BlobPutResult,
  type BlobRequest,
} from "../../wire/requests/blob.ts";
import { BytePace } from "./byte-pace.ts";
import type { RequestGuard } from "./request-guard.ts";
import { Busy, serveRequests, Unavailable } from "./serve-requests.ts";

/** What blobs are served from. */
export interface BlobSource {
  readonly store: BlobStore;
  /** Of the node: hours of work and ages of blobs are by it. */
  readonly now: () => TimeMs;
  /** The disk did not take or give one. The node goes on: it owes nobody a blob. */
  readonly failed: (error: unknown) => void;
  /** For paces; steady. */
  readonly steadyMs?: () => number;
}

type PutRequest = Extract<BlobRequest, { readonly type: "put" }>;

type Asker = Pick<FrameStream, "peer" | "abort">;

/** Everybody together, in the pace of puts. */
const ALL = "all";

/** Serves `blob`: keeps what others put, gives it back to whoever names it, and knows of neither who they are (MS-13). */
export async function serveBlob(network: NetworkPort, source: BlobSource, guard: RequestGuard): Promise<void> {
  const desk = new BlobDesk(source, guard);
  const answer = async function* (frame: Uint8Array, asker: Asker): AsyncIterable<Uint8Array> {
    try {
      yield await desk.answer(frame, asker);
    } finally {
      // Taken, or never to be taken.
      desk.answered(asker);
    }
  };
  await serveRequests(network, PROTOCOL.blob, answer, guard);
}

class BlobDesk {
  readonly #source: BlobSource;
  readonly #guard: RequestGuard;
  readonly #pace: BytePace;
  readonly #putPace: BytePace;
  readonly #sending: HeldBytes;
  #running = 0;

  constructor(source: BlobSource, guard: RequestGuard) {
    this.#source = source;
    this.#guard = guard;
    this.#pace = new BytePace(BLOB_BYTES_PER_MINUTE_MAX, source.steadyMs);
    this.#putPace = new BytePace(BLOB_PUT_BYTES_PER_MINUTE_MAX, source.steadyMs);
    this.#sending = new HeldBytes(ANSWERS_SENDING_BYTES_MAX, source.steadyMs);
  }

  async answer(frame: Uint8Array, asker: Asker): Promise<Uint8Array> {
    const request = decodeBlobRequest(frame);
    switch (request.type) {
      case "put":
        return encodeBlobPutAnswer(await this.#put(request, asker.peer));
      case "get":
        return this.#get(request.blobId, asker);
      case "has":
        return encodeBlobHasAnswer(this.#source.store.sizeOf(request.blobId, this.#source.now()) !== undefined);
      default:
        return request satisfies never;
    }
  }

  /**
   * Cheap before costly: an hour, a hash of 69 bytes, looks into memory, and only then a hash of all of it, at the pace of
   * all peers together. Also of what is kept: whoever has a blob live on brings it.
   */
  async #put({ blobId, work, bytes }: PutRequest, peer: PeerId): Promise<BlobPutResult> {
    const { store } = this.#source;
    const now = this.#source.now();
    const size = blobSizeOf(bytes.length)!;
    this.#charge(peer, size);
    // A matter of clocks, and nobody's fault.
    if (!isBlobHour(work.hour, now)) return "wrong_hour";
    if (!isBlobWork(blobId, size, work)) return this.#blame(peer, "too_little_work");
    if (!store.hasRoomFor(bytes.length)) return "no_room";
    if (this.#running >= BLOB_PUTS_RUNNING_MAX) throw new Busy("too many blobs at once");
    if (!this.#putPace.take(ALL, size)) throw new Busy("too many blobs");
    this.#running++;
    try {
      if (!isBlob(blobId, bytes)) return this.#blame(peer, "wrong_hash");
      if (await this.#stored(store.renew(blobId, now))) return "kept";
      return (await this.#stored(store.keep(blobId, bytes, now))) ? "kept" : "no_room";
    } finally {
      this.#running--;
    }
  }

  /** The answer has left, or is not to. */
  answered(asker: Asker): void {
    this.#sending.release(asker);
  }

  async #get(blobId: Hash, asker: Asker): Promise<Uint8Array> {
    const { store, now } = this.#source;
    const size = store.sizeOf(blobId, now());
    if (size === undefined) throw new Unavailable("no such blob");
    this.#charge(asker.peer, blobSizeOf(size)!);
    // From the disk on until its peer has read it.
    if (!this.#sending.hold(asker, blobSizeOf(size)!)) throw new Busy("too many blobs are being read");
    const bytes = await this.#stored(store.read(blobId, now()));
    if (bytes === undefined) throw new Unavailable("no such blob");
    return encodeBlobItem(bytes);
  }

  /** By the size that a blob is padded to: eight of the largest a minute. */
  #charge(peer: PeerId, size: number): void {
    if (!this.#pace.take(peer, size)) throw new Busy("too many bytes of blobs");
  }

  /** What is wrong for every honest node costs the sender (NW-16). */
  #blame(peer: PeerId, result: BlobPutResult): BlobPutResult {
    this.#guard.rejected(peer);
    return result;
  }

  /** A disk that fails is told of; the asker tries another node. */
  async #stored<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      this.#source.failed(error);
      throw new Unavailable("the disk failed");
    }
  }
}
