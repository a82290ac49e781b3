import { blobCount, isMediaType, type BlobPart, type BlobReference } from "../../core/blob/blob-reference.ts";
import { BLOB_CONTENT_SIZE_MAX, sealBlob, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import { BLOB_PARTS_MAX } from "../../core/params/limits.ts";
import type { Hash } from "../../core/values/hash.ts";
import { BlobPuts, type BlobPutStart, type BlobPutView } from "./blob-puts.ts";
import { BlobReads, type BlobContent } from "./blob-reads.ts";
import type { BlobRun } from "./blob-nodes.ts";
import type { LightClientEdges } from "./light-client-run.ts";

type FilePut =
  | { readonly ok: true; readonly reference: BlobReference }
  | { readonly ok: false; readonly code: "too_large" | Extract<BlobPutStart, { readonly ok: false }>["code"] };

/** Pictures and files that nodes keep for a while, sealed on this device (MS-12 to MS-14). */
export class BlobsService {
  readonly #edges: LightClientEdges;
  readonly #puts: BlobPuts;
  readonly #reads: BlobReads;
  readonly #listeners = new Set<() => void>();

  constructor(edges: LightClientEdges, run: () => BlobRun | undefined) {
    this.#edges = edges;
    this.#puts = new BlobPuts(edges, run, () => {
      for (const listener of this.#listeners) listener();
    });
    this.#reads = new BlobReads(edges, run);
  }

  /** Puts what was sealed under a key of the caller's, such as the picture of a packet (RP-10). */
  put(blob: SealedBlob): Promise<BlobPutStart> {
    return this.#puts.put([blob]);
  }

  /** Seals a file under fresh keys and puts it; whoever gets the reference can read it. Throws for what is no media type. */
  async putFile(content: Uint8Array, mime: string): Promise<FilePut> {
    if (!isMediaType(mime)) throw new RangeError("no media type");
    const count = blobCount(content.length);
    if (count > BLOB_PARTS_MAX) return { ok: false, code: "too_large" };
    const sealed = Array.from({ length: count }, (_, index): BlobPart & SealedBlob => {
      const key = this.#edges.random.bytes(32);
      const start = index * BLOB_CONTENT_SIZE_MAX;
      return { key, ...sealBlob(key, content.subarray(start, start + BLOB_CONTENT_SIZE_MAX)) };
    });
    const started = await this.#puts.put(sealed);
    if (!started.ok) return started;
    const parts = sealed.map(({ blobId, key }) => ({ blobId, key }));
    return { ok: true, reference: { parts, size: content.length, mime } };
  }

  cancel(blobId: Hash): Promise<boolean> {
    return this.#puts.cancel(blobId);
  }

  /** Those on their way; one that is not there any more is kept by all of its nodes, or was given up. */
  outgoing(): readonly BlobPutView[] {
    return this.#puts.views();
  }

  /** Calls back whenever {@link outgoing} has changed; returns how to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `sizeMax`: bytes of content that the caller has room for, 1,048,572 where it does not say. */
  read(part: BlobPart, sizeMax?: number): Promise<BlobContent> {
    return this.#reads.read(part, sizeMax);
  }

  readFile(reference: BlobReference): Promise<BlobContent> {
    return this.#reads.readFile(reference);
  }

  /** A run has begun: what the store has is put. */
  begun(): void {
    this.#puts.resume();
  }

  /** The run is over: nobody is asked any more, no host is left, and nothing more is written. */
  async stopped(): Promise<void> {
    await Promise.all([this.#puts.stopped(), this.#reads.endAll()]);
  }
}
