import type { BlobPart, BlobReference } from "../../core/blob/blob-reference.ts";
import { BLOB_CONTENT_SIZE_MAX, isBlob, openBlob } from "../../core/blob/sealed-blob.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Reader } from "../../core/bytes/reader.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBlobItem, encodeBlobRequest } from "../../wire/requests/blob.ts";
import { blobNodes, isAskable, type BlobNode, type BlobRun } from "./blob-nodes.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { ForkWatch } from "./fork-watch.ts";
import { dialNode } from "./lookup-nodes.ts";
import { refusalCode, type NetworkEdges } from "./network-edges.ts";
import { untilConfigured } from "./until-configured.ts";

/**
 * `missing`: its nodes were asked, and none has it any more. `offline`: none was reached. `unreadable`: these are its
 * bytes, and its key does not open them to what its sender has promised.
 */
export type BlobContent =
  | { readonly ok: true; readonly content: Uint8Array }
  | { readonly ok: false; readonly code: "missing" | "offline" | "unreadable" };

/** The time of one node: the largest blob over 150 kbit/s. */
const NODE_MS = 60_000;
const ANSWER_MS = 55_000;

/**
 * Fetches blobs. Each node is asked over a connection of its own with an identity nobody has seen (MS-14): it learns that
 * somebody reads this blob, and neither what it is nor which wallet reads.
 */
export class BlobReads {
  readonly #edges: NetworkEdges;
  readonly #run: () => BlobRun | undefined;
  readonly #hosts: BriefHosts;
  readonly #forks: ForkWatch;

  constructor(edges: NetworkEdges, run: () => BlobRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#hosts = new BriefHosts(edges);
    this.#forks = new ForkWatch(() => this.endAll());
  }

  /** One blob: from a random one of its four nodes, and from the next where that one does not have it. */
  async read({ blobId, key }: BlobPart): Promise<BlobContent> {
    const run = this.#run();
    if (!isAskable(run, run)) return { ok: false, code: "offline" };
    this.#forks.watch(run);
    const config = await untilConfigured(run, this.#edges.timers);
    if (config === undefined) return { ok: false, code: "offline" };
    let isAnswered = false;
    for (const node of this.#shuffled(blobNodes(run, config, blobId))) {
      if (!isAskable(run, this.#run())) break;
      const answer = await this.#ask(config.chainId, node, encodeBlobRequest({ type: "get", blobId }));
      if (answer === "missing") isAnswered = true;
      // Other bytes than those of the id are no answer, whoever gives them.
      if (answer === undefined || answer === "missing" || !isBlob(blobId, answer)) continue;
      const content = openBlob(key, answer);
      return content === undefined ? { ok: false, code: "unreadable" } : { ok: true, content };
    }
    return { ok: false, code: isAnswered ? "missing" : "offline" };
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
  endAll(): Promise<void> {
    return this.#hosts.endAll();
  }

  /** undefined: not reached, silent, busy or not in order. */
  async #ask(chainId: number, { node }: BlobNode, frame: Uint8Array): Promise<Uint8Array | "missing" | undefined> {
    const { requests } = this.#edges;
    try {
      return await this.#hosts.lend(chainId, NODE_MS, async (host) => {
        const peer = await dialNode(host, node);
        return decodeBlobItem(await requests.one(host, peer, PROTOCOL.blob, frame, ANSWER_MS));
      });
    } catch (error) {
      return !(error instanceof DecodeError) && refusalCode(error) === ERROR_CODE.unavailable ? "missing" : undefined;
    }
  }

  #shuffled(nodes: readonly BlobNode[]): readonly BlobNode[] {
    const marked = nodes.map((node) => ({ node, mark: new Reader(this.#edges.random.bytes(4)).u32() }));
    return marked.sort((left, right) => left.mark - right.mark).map(({ node }) => node);
  }
}
