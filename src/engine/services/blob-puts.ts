import { blobHour, blobWorkBits, isBlobHour, isBlobWork, type BlobWork } from "../../core/blob/blob-work.ts";
import { blobSizeOf, isBlob, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { UNHASHED_PARAMS } from "../../core/params/unhashed-params.ts";
import { BLOB_PLACES_MAX } from "../../core/params/limits.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import type { RecordChanges } from "../../core/wallet/stored-record.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlobPutAnswer, encodeBlobRequest } from "../../wire/requests/blob.ts";
import { blobNodes, isAskable, type BlobNode, type BlobRun } from "./blob-nodes.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { ForkWatch } from "./fork-watch.ts";
import type { LightClientEdges } from "./light-client-run.ts";
import { dialNode } from "./lookup-nodes.ts";
import {
  blobRecords,
  NO_PROGRESS,
  progressRecords,
  readOutgoingBlobs,
  withoutBlob,
  type OutgoingBlob,
} from "./outgoing-blob.ts";
import { untilConfigured } from "./until-configured.ts";

/** One blob on its way to its nodes. */
export interface BlobPutView {
  readonly blobId: Hash;
  /** Chance that the work would be done by now, 0 to 1; 1 once it is. */
  readonly work: number;
  /** Of the four nodes, or as many as are known. */
  readonly keptBy: number;
  readonly places: number;
}

/** `too_many` wait already; `not_stored`: the device did not take it, and nothing was sent. */
export type BlobPutStart = { readonly ok: true } | { readonly ok: false; readonly code: "too_many" | "not_stored" };

/** Blobs that wait at once: a file has sixteen, and one may follow it. */
export const OUTGOING_BLOBS_MAX = 17;
/** Tries of one step of work at most, tenths of a second: what a cancel waits for. */
const WORK_STEP_TRIES_MAX = 2 ** 17;
/** Steps handed out together, for devices with several cores; for small blobs a quarter of what is expected each. */
const WORK_STEPS_AT_ONCE = 4;
/** The time of one node: the largest blob over 300 kbit/s. */
const NODE_MS = 45_000;
const ANSWER_MS = 40_000;
const RETRY_MS = 30_000;
const RETRY_MS_MAX = 10 * 60_000;

/**
 * Puts blobs to their four nodes (MS-13), each over a fresh connection and identity. What is to be put is stored first,
 * with the work and the nodes that have it as they come: a kill at any line costs what the last of them took. One blob after
 * the other; nodes that cannot take it are asked again, until all have it or its time on the nodes would be over.
 */
export class BlobPuts {
  readonly #edges: LightClientEdges;
  readonly #run: () => BlobRun | undefined;
  readonly #changed: () => void;
  readonly #hosts: BriefHosts;
  readonly #forks: ForkWatch;
  #outgoing = new Map<string, OutgoingBlob>();
  /** Being written at the moment. */
  #storingCount = 0;
  /** Counts the runs. */
  #life = 0;
  /** What work is being looked for, and how long already. */
  #search: { readonly id: string; tries: number } | undefined;
  #round: Promise<void> | undefined;
  #retryMs = RETRY_MS;
  #callOff: () => void = () => undefined;

  constructor(edges: LightClientEdges, run: () => BlobRun | undefined, changed: () => void) {
    this.#edges = edges;
    this.#run = run;
    this.#changed = changed;
    this.#hosts = new BriefHosts(edges);
    this.#forks = new ForkWatch(() => this.#hosts.endAll());
  }

  /** Goes on with what the store has. To be called when a run has begun. */
  resume(): void {
    const stored = readOutgoingBlobs(this.#edges.store.records());
    this.#outgoing = new Map(stored.map((outgoing) => [formatHex(outgoing.blob.blobId), outgoing]));
    this.#wake();
  }

  /**
   * Resolves once all are stored, in one write: from then on they are put, whatever happens to this device. One that waits
   * already is not put twice.
   */
  async put(blobs: readonly SealedBlob[]): Promise<BlobPutStart> {
    if (blobs.some(({ blobId, bytes }) => !isBlob(blobId, bytes))) throw new RangeError("bytes of another blob");
    const createdMs = this.#now();
    const fresh = blobs.filter(({ blobId }) => !this.#outgoing.has(formatHex(blobId)));
    if (this.#outgoing.size + this.#storingCount + fresh.length > OUTGOING_BLOBS_MAX)
      return { ok: false, code: "too_many" };
    const life = this.#life;
    const added = fresh.map(({ blobId, bytes }): OutgoingBlob => ({
      blob: { blobId, bytes, createdMs },
      progress: NO_PROGRESS,
    }));
    this.#storingCount += fresh.length;
    const isStored = added.length === 0 || (await this.#write(blobRecords(added)));
    this.#storingCount -= fresh.length;
    if (!isStored) return { ok: false, code: "not_stored" };
    // After a stop the next run finds them in the store.
    if (life !== this.#life) return { ok: true };
    for (const outgoing of added) this.#outgoing.set(formatHex(outgoing.blob.blobId), outgoing);
    this.#changed();
    this.#wake();
    return { ok: true };
  }

  /** Forgets one; nodes that have it keep it for their time. True if it was there. */
  async cancel(blobId: Hash): Promise<boolean> {
    const id = formatHex(blobId);
    const outgoing = this.#outgoing.get(id);
    if (outgoing === undefined) return false;
    this.#outgoing.delete(id);
    await this.#write(withoutBlob(outgoing));
    this.#changed();
    return true;
  }

  views(): readonly BlobPutView[] {
    const places = this.#placesCount();
    return [...this.#outgoing].map(([id, { blob, progress }]): BlobPutView => {
      const expected = 2 ** blobWorkBits(blobSizeOf(blob.bytes.length)!);
      const tries = this.#search?.id === id ? this.#search.tries : 0;
      const work = progress.work === undefined ? 1 - Math.exp(-tries / expected) : 1;
      return { blobId: blob.blobId, work, keptBy: Math.min(places, progress.keptBy.length), places };
    });
  }

  /** The run is over: nobody is asked any more, no host is left, and nothing more is written. */
  async stopped(): Promise<void> {
    this.#callOff();
    this.#life++;
    this.#outgoing = new Map();
    await this.#hosts.endAll();
    await this.#round;
  }

  #now(): TimeMs {
    return timeMs(this.#edges.timers.now());
  }

  #placesCount(): number {
    const run = this.#run();
    const config = run?.state.config;
    const [first] = this.#outgoing.values();
    if (run === undefined || config === undefined || first === undefined) return BLOB_PLACES_MAX;
    return blobNodes(run, config, first.blob.blobId).length;
  }

  #wake(): void {
    this.#callOff();
    if (this.#round !== undefined || this.#outgoing.size === 0) return;
    const round = this.#putAll();
    this.#round = round;
    void round.finally(() => {
      this.#round = undefined;
      if (this.#outgoing.size === 0) return;
      this.#callOff = this.#edges.timers.after(this.#retryMs, () => this.#wake());
      this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs);
    });
  }

  /** One look at each that waits, those included that come meanwhile. */
  async #putAll(): Promise<void> {
    const run = this.#run();
    if (!isAskable(run, run)) return;
    this.#forks.watch(run);
    const config = await untilConfigured(run, this.#edges.timers);
    if (config === undefined) return;
    const looked = new Set<string>();
    for (;;) {
      const id = [...this.#outgoing.keys()].find((each) => !looked.has(each));
      if (id === undefined || !isAskable(run, this.#run())) return;
      looked.add(id);
      await this.#putOne(run, config, id);
    }
  }

  async #putOne(run: BlobRun, config: NetworkConfig, id: string): Promise<void> {
    const { blobId, createdMs } = this.#outgoing.get(id)!.blob;
    const isWaiting = (): boolean => isAskable(run, this.#run()) && this.#outgoing.has(id);
    // A node that took it at once would have dropped it by now.
    if (this.#now() >= createdMs + UNHASHED_PARAMS[config.network].blobTtlMs) {
      await this.cancel(blobId);
      return;
    }
    for (const node of blobNodes(run, config, blobId)) {
      if (!isWaiting() || this.#outgoing.get(id)!.progress.keptBy.includes(node.name)) continue;
      const work = await this.#workFor(id, isWaiting);
      const blob = this.#outgoing.get(id)?.blob;
      if (work === undefined || blob === undefined || !isWaiting()) return;
      if (!(await this.#putTo(config.chainId, node, blob, work)) || !isWaiting()) continue;
      const { progress } = this.#outgoing.get(id)!;
      // A node that has answered is a sign that others may, too.
      this.#retryMs = RETRY_MS;
      if (!(await this.#advance(id, { ...progress, keptBy: [...progress.keptBy, node.name] }))) return;
    }
    const places = blobNodes(run, config, blobId);
    const keptBy = isWaiting() ? this.#outgoing.get(id)!.progress.keptBy : [];
    if (places.length > 0 && places.every(({ name }) => keptBy.includes(name))) await this.cancel(blobId);
  }

  /** What was found before, if it still counts, else new work. undefined: nobody waits for it any more. */
  async #workFor(id: string, isWaiting: () => boolean): Promise<BlobWork | undefined> {
    const { blob, progress } = this.#outgoing.get(id)!;
    const { blobId, bytes } = blob;
    const size = blobSizeOf(bytes.length)!;
    if (progress.work !== undefined && isBlobHour(progress.work.hour, this.#now())) return progress.work;
    const tries = Math.min(WORK_STEP_TRIES_MAX, 2 ** blobWorkBits(size) / WORK_STEPS_AT_ONCE);
    const search = { id, tries: 0 };
    this.#search = search;
    for (let hour = blobHour(this.#now()), firstNonce = 0; ;) {
      const jobs = Array.from({ length: WORK_STEPS_AT_ONCE }, (_, index) => {
        return this.#edges.jobs.findBlobWork({ blobId, size, hour, firstNonce: firstNonce + index * tries, tries });
      });
      const results = await Promise.all(jobs);
      if (!isWaiting()) return undefined;
      const nonce = results.find((result) => result?.nonce !== undefined)?.nonce;
      const work = nonce === undefined ? undefined : { hour, nonce };
      // A kernel may err; what it found is looked at once more.
      if (work !== undefined && isBlobWork(blobId, size, work)) {
        return (await this.#advance(id, { ...progress, work })) ? work : undefined;
      }
      firstNonce += WORK_STEPS_AT_ONCE * tries;
      search.tries = firstNonce;
      this.#changed();
      // Nothing was done: the workers are gone for now, and a loop of no steps would never end.
      if (results.every((result) => result === undefined)) return undefined;
      if (hour !== blobHour(this.#now())) [hour, firstNonce] = [blobHour(this.#now()), 0];
    }
  }

  /** True if the node says that it keeps it. */
  async #putTo(chainId: number, { node }: BlobNode, { blobId, bytes }: SealedBlob, work: BlobWork): Promise<boolean> {
    const { requests } = this.#edges;
    const frame = encodeBlobRequest({ type: "put", blobId, work, bytes });
    try {
      return await this.#hosts.lend(chainId, NODE_MS, async (host) => {
        const peer = await dialNode(host, node);
        return decodeBlobPutAnswer(await requests.one(host, peer, PROTOCOL.blob, frame, ANSWER_MS)) === "kept";
      });
    } catch {
      // Not reached, silent, busy or not in order: later, or never.
      return false;
    }
  }

  async #advance(id: string, progress: OutgoingBlob["progress"]): Promise<boolean> {
    const outgoing = { blob: this.#outgoing.get(id)!.blob, progress };
    this.#outgoing.set(id, outgoing);
    const isStored = await this.#write(progressRecords(outgoing));
    this.#changed();
    return isStored;
  }

  /** A store that fails ends the engine by itself; here it is a no. */
  #write(changes: RecordChanges): Promise<boolean> {
    return this.#edges.store.write(changes).then(
      () => true,
      () => false,
    );
  }
}
