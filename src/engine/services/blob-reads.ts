import type { BlobPart, BlobReference } from "../../core/blob/blob-reference.ts";
import { BLOB_CONTENT_SIZE_MAX, isBlob, openBlob } from "../../core/blob/sealed-blob.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlobItem, encodeBlobRequest } from "../../wire/requests/blob.ts";
import { blobNodes, isAskable, type BlobNode, type BlobRun } from "./blob-nodes.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { ForkWatch } from "./fork-watch.ts";
import { dialNode, shuffled } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";
import { untilConfigured } from "./until-configured.ts";

/**
 * `missing`: its nodes were asked, and none has it any more. `offline`: none was reached. `unreadable`: these are its
 * bytes, and its key does not open them to what its sender has promised.
 */
export type BlobContent =
  | { readonly ok: true; readonly content: Uint8Array }
  | { readonly ok: false; readonly code: "missing" | "offline" | "unreadable" };

/** The sealed bytes; `none`: reached, and without them; `away`: not reached. */
type NodeAnswer = Uint8Array | "none" | "away";

/** The time of one node: the largest blob over 150 kbit/s. */
const NODE_MS = 60_000;
const ANSWER_MS = 55_000;
/** A node that has not answered by then is not waited for alone: a picture has the seconds that a block takes. */
const SILENT_MS = 2_000;

/**
 * Fetches blobs. Each node is asked over a connection of its own with an identity nobody has seen (MS-14): it learns that
 * somebody reads this blob, and neither what it is nor which wallet reads.
 */
export class BlobReads {
  readonly #edges: NetworkEdges;
  readonly #run: () => BlobRun | undefined;
  /** One for each read: what the first good answer leaves behind is ended with it. */
  readonly #open = new Set<BriefHosts>();
  readonly #forks: ForkWatch;

  constructor(edges: NetworkEdges, run: () => BlobRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#forks = new ForkWatch(() => this.endAll());
  }

  /**
   * One blob: from a random one of its four nodes, and from the next where that one does not have it, or is silent for a
   * while. `sizeMax`: more bytes of content are `unreadable`.
   */
  async read(part: BlobPart, sizeMax = BLOB_CONTENT_SIZE_MAX): Promise<BlobContent> {
    const run = this.#run();
    if (!isAskable(run, run)) return { ok: false, code: "offline" };
    this.#forks.watch(run);
    const config = await untilConfigured(run, this.#edges.timers);
    if (config === undefined) return { ok: false, code: "offline" };
    const hosts = new BriefHosts(this.#edges);
    this.#open.add(hosts);
    const answer = await this.#fromAny(run, config, part.blobId, hosts);
    void hosts.endAll().then(() => this.#open.delete(hosts));
    if (typeof answer === "string") return { ok: false, code: answer === "none" ? "missing" : "offline" };
    const content = openBlob(part.key, answer);
    if (content === undefined || content.length > sizeMax) return { ok: false, code: "unreadable" };
    return { ok: true, content };
  }

  async #fromAny(run: BlobRun, config: NetworkConfig, blobId: Hash, hosts: BriefHosts): Promise<NodeAnswer> {
    const left = [...shuffled(this.#edges.random, blobNodes(run, config, blobId))];
    const waiting = new Set<Promise<void>>();
    let best: NodeAnswer = "away";
    while (typeof best === "string") {
      const node = isAskable(run, this.#run()) ? left.shift() : undefined;
      if (node !== undefined) {
        const asking = this.#ask(hosts, config.chainId, node, blobId).then((answer) => {
          waiting.delete(asking);
          if (typeof best === "string" && answer !== "away") best = answer;
        });
        waiting.add(asking);
      }
      if (waiting.size === 0) break;
      await this.#firstOr(waiting, left.length > 0);
    }
    return best;
  }

  /** The first of them, or, where there is somebody else to ask, a while. */
  async #firstOr(waiting: ReadonlySet<Promise<void>>, isLimited: boolean): Promise<void> {
    let callOff: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => {
      if (isLimited) callOff = this.#edges.timers.after(SILENT_MS, resolve);
    });
    await Promise.race([...waiting, silence]);
    callOff();
  }

  /** A file of one or more blobs (MS-12), one after the other; all of it or nothing. */
  async readFile({ parts, size }: BlobReference): Promise<BlobContent> {
    const contents: Uint8Array[] = [];
    let left = size;
    for (const part of parts) {
      const read = await this.read(part);
      if (!read.ok) return read;
      if (read.content.length !== Math.min(left, BLOB_CONTENT_SIZE_MAX)) return { ok: false, code: "unreadable" };
      left -= read.content.length;
      contents.push(read.content);
    }
    return { ok: true, content: concatBytes(...contents) };
  }

  /** Ends what is being asked; resolves once no host is left. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#open].map((hosts) => hosts.endAll()));
  }

  /** Other bytes than those of the id are no answer, whoever gives them. */
  async #ask(hosts: BriefHosts, chainId: number, { node }: BlobNode, blobId: Hash): Promise<NodeAnswer> {
    // Set where the compiler does not look.
    let isReached = false as boolean;
    try {
      return await hosts.lend(chainId, NODE_MS, async (host) => {
        const peer = await dialNode(host, node);
        isReached = true;
        const frame = encodeBlobRequest({ type: "get", blobId });
        const bytes = decodeBlobItem(await this.#edges.requests.one(host, peer, PROTOCOL.blob, frame, ANSWER_MS));
        return isBlob(blobId, bytes) ? bytes : "none";
      });
    } catch {
      return isReached ? "none" : "away";
    }
  }
}
