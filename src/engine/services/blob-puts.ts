import { isBlobHour, type BlobWork } from "../../core/blob/blob-work.ts";
import { isBlob, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { UNHASHED_PARAMS } from "../../core/params/unhashed-params.ts";
import { BLOB_PLACES_MAX } from "../../core/params/limits.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import type { RecordChanges } from "../../core/wallet/stored-record.ts";
import { blobNodes, isAskable, type BlobNode, type BlobRun } from "./blob-nodes.ts";
import { BlobWorkSearch, type SearchRun } from "./blob-work-search.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { ForkWatch } from "./fork-watch.ts";
import type { LightClientEdges } from "./light-client-run.ts";
import { offerBlob, type OfferResult } from "./offer-blob.ts";
import {
  blobRecords,
  isDone,
  NO_PROGRESS,
  nodeProgress,
  progressRecords,
  readOutgoingBlobs,
  UPLOADS_MAX,
  withNode,
  withoutBlob,
  type BlobProgress,
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
  readonly #search: BlobWorkSearch;
  #outgoing = new Map<string, OutgoingBlob>();
  /** Being written at the moment. */
  #storingCount = 0;
  /** Counts the runs. */
  #life = 0;
  #round: Promise<void> | undefined;
  #retryMs = RETRY_MS;
  #callOff: () => void = () => undefined;

  constructor(edges: LightClientEdges, run: () => BlobRun | undefined, changed: () => void) {
    this.#edges = edges;
    this.#run = run;
    this.#changed = changed;
    this.#hosts = new BriefHosts(edges);
    this.#forks = new ForkWatch(() => this.#hosts.endAll());
    this.#search = new BlobWorkSearch(edges.jobs, changed);
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
    const isStored = added.length === 0 || (await this.#writeIfRoom(blobRecords(added)));
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
    return [...this.#outgoing.values()].map(({ blob, progress }): BlobPutView => {
      const work = progress.work === undefined ? this.#search.chance(blob) : 1;
      const keptBy = progress.nodes.filter(({ isKept }) => isKept).length;
      return { blobId: blob.blobId, work, keptBy: Math.min(places, keptBy), places };
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
    const now = (): TimeMs => hourClock(run, this.#now());
    for (const node of blobNodes(run, config, blobId)) {
      if (!isWaiting() || isDone(this.#nodeOf(id, node))) continue;
      // A node that is away, or has it already, is no reason to look for work.
      let result = await this.#offer(config.chainId, id, node, this.#workAt(id, now()), isWaiting);
      if (result === "absent" && isWaiting()) {
        const work = await this.#workFor(id, { now, isWaiting });
        // It may have been cancelled while that was written.
        if (work === undefined || !isWaiting()) return;
        result = await this.#offer(config.chainId, id, node, work, isWaiting);
      }
      if (isWaiting() && !(await this.#note(id, node, result))) return;
    }
    const places = blobNodes(run, config, blobId);
    const isOver = isWaiting() && places.length > 0 && places.every((node) => isDone(this.#nodeOf(id, node)));
    if (isOver) await this.cancel(blobId);
  }

  #nodeOf(id: string, { name }: BlobNode): ReturnType<typeof nodeProgress> {
    return nodeProgress(this.#outgoing.get(id)!.progress, name);
  }

  async #offer(
    chainId: number,
    id: string,
    node: BlobNode,
    work: BlobWork | undefined,
    isWaiting: () => boolean,
  ): Promise<OfferResult> {
    const { blob } = this.#outgoing.get(id)!;
    const leaving = async (): Promise<boolean> => {
      if (!isWaiting()) return false;
      const before = this.#nodeOf(id, node);
      const isStored = await this.#advance(id, (progress) => {
        return withNode(progress, { ...before, uploads: before.uploads + 1 });
      });
      return isStored && isWaiting();
    };
    return offerBlob(this.#hosts, this.#edges.requests, node, { chainId, blob, work, leaving });
  }

  /** What comes of an answer; false if the store has failed. */
  async #note(id: string, node: BlobNode, result: OfferResult): Promise<boolean> {
    const before = this.#nodeOf(id, node);
    switch (result) {
      case "kept":
        // A node that has answered is a sign that others may, too.
        this.#retryMs = RETRY_MS;
        return this.#advance(id, (progress) => withNode(progress, { ...before, isKept: true }));
      case "no_room":
        return this.#advance(id, (progress) => withNode(progress, { ...before, uploads: UPLOADS_MAX }));
      case "wrong_hour":
      case "too_little_work":
        // By its clock; the next round looks for what it takes.
        return this.#advance(id, (progress) => ({ ...progress, work: undefined }));
      case "wrong_hash":
      case "absent":
      case "away":
        return true;
    }
  }

  /** What was found before, if it still counts. */
  #workAt(id: string, now: TimeMs): BlobWork | undefined {
    const { work } = this.#outgoing.get(id)!.progress;
    return work !== undefined && isBlobHour(work.hour, now) ? work : undefined;
  }

  /** undefined: nobody waits for it any more. */
  async #workFor(id: string, run: SearchRun): Promise<BlobWork | undefined> {
    const { blob } = this.#outgoing.get(id)!;
    const work = await this.#search.find(blob, run);
    if (work === undefined) return undefined;
    return (await this.#advance(id, (progress) => ({ ...progress, work }))) ? work : undefined;
  }

  async #advance(id: string, change: (progress: BlobProgress) => BlobProgress): Promise<boolean> {
    const { blob, progress } = this.#outgoing.get(id)!;
    const outgoing = { blob, progress: change(progress) };
    this.#outgoing.set(id, outgoing);
    const isStored = await this.#write(progressRecords(outgoing));
    this.#changed();
    return isStored;
  }

  /** A picture is not worth a wallet that stops: a device without room for it goes on as it was. */
  #writeIfRoom(changes: RecordChanges): Promise<boolean> {
    return this.#edges.store.writeIfRoom(changes).catch(() => false);
  }

  /** A store that fails ends the engine by itself; here it is a no. */
  #write(changes: RecordChanges): Promise<boolean> {
    return this.#edges.store.write(changes).then(
      () => true,
      () => false,
    );
  }
}

/** The device's clock, unless blocks have shown it to be wrong: nodes go by theirs, and so do validators. */
function hourClock({ state }: BlobRun, device: TimeMs): TimeMs {
  const isOff = state.trust.clock.verdict !== undefined;
  return isOff && state.chain !== undefined ? timeMs(state.chain.header.time) : device;
}
