import type { Header } from "../../core/chain/header.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { LedgerReader } from "../../core/ports/ledger-reader.ts";
import { buildBucketProof } from "../../core/state/bucket-proof.ts";
import { treeSource } from "../../core/state/tree.ts";
import { encodeBucketAnswer, type BucketAnswer, type BucketRequest } from "../../wire/requests/bucket.ts";
import { completeBucket, liveSlots } from "./bucket-slots.ts";
import { readAtTip } from "./read-at-tip.ts";
import { Unavailable } from "./serve-requests.ts";

/** Buckets of the tip that are remembered: the newest ones, and the decoys that go with them. */
const FRAMES_MAX = 64;

type Frame = Promise<Uint8Array>;

/**
 * Frames of `bucket` at the newest height. Whoever has tapped on a packet asks for the bucket in which it stands, and a
 * packet makes many tap at once: behind one block a bucket is read and encoded once, not once for each of them.
 */
export class NewestBuckets {
  readonly #store: FullNodeStore;
  readonly #tip: () => Header;
  /** Of which block they are, with its state. */
  #header: Header | undefined;
  readonly #frames = new Map<string, Frame>();

  constructor(store: FullNodeStore, tip: () => Header) {
    this.#store = store;
    this.#tip = tip;
  }

  /** All of one state. Throws {@link Unavailable} where another height than the newest is asked for. */
  async frames({ at, buckets, withPayloads }: BucketRequest): Promise<readonly Uint8Array[]> {
    const store = this.#store;
    const nameOf = (bucket: number): string => `${bucket} ${withPayloads}`;
    // Read in one go, so that a block that becomes final meanwhile cannot mix two states.
    const read = await readAtTip(store, this.#tip, (header) => {
      if (at !== 0 && at !== header.height) throw new Unavailable("not a height this node serves");
      const isKnown = header === this.#header;
      const found = buckets.map((bucket) => {
        return (isKnown ? this.#known(nameOf(bucket)) : undefined) ?? this.#read(header, bucket);
      });
      return { header, found };
    });
    if (read.header !== this.#header) this.#frames.clear();
    this.#header = read.header;
    const { nextLeaf } = read.header;
    return Promise.all(
      read.found.map((found, index) => {
        if (found instanceof Promise) return found;
        const bucket = buckets[index]!;
        const frame = completeBucket(store, found, { bucket, nextLeaf, withPayloads }).then(encodeBucketAnswer);
        this.#keep(nameOf(bucket), frame);
        return frame;
      }),
    );
  }

  /** Used again, so the last to be forgotten: decoys come between. */
  #known(name: string): Frame | undefined {
    const known = this.#frames.get(name);
    if (known === undefined) return undefined;
    this.#frames.delete(name);
    this.#frames.set(name, known);
    return known;
  }

  #read({ height: at, nextLeaf }: Header, bucket: number): BucketAnswer {
    const store = this.#store;
    // Most decoys on a young chain stand above all there is: none of their leaves is looked for.
    const leaf: LedgerReader["leaf"] = (index) => (index < nextLeaf ? store.leaf(index) : undefined);
    const tree = treeSource({
      leaf,
      tile: (index) => store.tile(index),
      node: (level, position) => store.node(level, position),
    });
    return { at, slots: liveSlots(bucket, leaf), proof: buildBucketProof(tree, bucket) };
  }

  #keep(name: string, frame: Frame): void {
    this.#frames.set(name, frame);
    const [oldest] = this.#frames.keys();
    if (this.#frames.size > FRAMES_MAX && oldest !== undefined) this.#frames.delete(oldest);
    // Whoever comes after a failure looks again.
    frame.catch(() => this.#frames.get(name) === frame && this.#frames.delete(name));
  }
}
