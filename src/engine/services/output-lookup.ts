import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { compactRoot } from "../../core/chain/compact-block.ts";
import { outputHash } from "../../core/chain/output.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { CompactItem } from "../../core/sync/compact-item.ts";
import type { NetworkConfig, NodeConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { CertifiedHeaders } from "./certified-headers.ts";
import { REQUEST_MS } from "./header-requests.ts";
import { readLiveLeaf, type LookupLine } from "./live-leaf.ts";
import { rootHeader, type LookupGround } from "./lookup-ground.ts";
import { askingOrder, dialNode, shuffled } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** An output that somebody says is on the chain. */
export interface SoughtOutput {
  readonly outputHash: Hash;
  readonly leaf: LeafIndex;
  /** Block that made it. */
  readonly height: Height;
}

/** `too_old`: spent, and its block lies too far below what we trust. */
export type LookupResult = "found" | "not_there" | "too_old" | "offline";

/** The time of one node: a slow one brings in it what an honest one has to bring. */
const NODE_MS = 60_000;
const TIME_MS = 5_000;
/** Headers that are followed down to the block of a spent output: about three megabytes. */
const HEADERS_BELOW_MAX = 4_096;
/** The same for nothing but a time. */
const TIME_HEADERS_BELOW_MAX = 512;
/** A state this young lacks a few blocks at most: what is said to stand far above it is not there. */
const FRESH_MS = 60_000;
const FRESH_BLOCKS = 120;

/**
 * Looks an output up that is not ours to know. A live one by its bucket among decoys (BL-15, NW-7), a spent one by the
 * compact data of its block, which names nothing but a height; so no node learns which output was meant (NW-9). Each
 * node is asked over a connection of its own, with an identity nobody has seen, and believed in nothing.
 */
export class OutputLookup {
  readonly #edges: NetworkEdges & { readonly bls: BlsBackend };
  readonly #belowMax: number;
  readonly #hosts: BriefHosts;
  #lastAsked: NodeConfig | undefined;

  constructor(edges: NetworkEdges & { readonly bls: BlsBackend }, belowMax = HEADERS_BELOW_MAX) {
    this.#edges = edges;
    this.#belowMax = belowMax;
    this.#hosts = new BriefHosts(edges);
  }

  /** `decoys` is the secret of NW-7. */
  async find(ground: LookupGround, sought: SoughtOutput, decoys: Hash): Promise<LookupResult> {
    const { config, nodes, isWanted } = ground;
    let isTooOld = false;
    for (const node of askingOrder(this.#edges.random, nodes)) {
      if (!isWanted()) return "offline";
      this.#lastAsked = node;
      try {
        const answer = await this.#hosts.lend(config.chainId, NODE_MS, async (host) => {
          return this.#ask(host, await dialNode(host, node), ground, sought, decoys);
        });
        if (answer !== "too_old") return answer;
        isTooOld = true;
      } catch {
        // Not reached, silent, slow, or not in order: the next node may do.
      }
    }
    return isTooOld ? "too_old" : "offline";
  }

  /**
   * When a block was made; undefined where nobody says so in time, or it lies too far back. To name a height is to hint at
   * an output, so the node that was asked for the bucket is not asked this if there is another.
   */
  async blockTime({ config, nodes, root, isWanted }: LookupGround, at: Height): Promise<TimeMs | undefined> {
    const { random } = this.#edges;
    const all = [...shuffled(random, nodes.listed), ...shuffled(random, nodes.learnt)];
    const node = all.find((each) => each !== this.#lastAsked) ?? all[0];
    if (node === undefined || !isWanted()) return undefined;
    try {
      return await this.#hosts.lend(config.chainId, TIME_MS, async (host) => {
        const headers = this.#headers(host, await dialNode(host, node), config, TIME_HEADERS_BELOW_MAX);
        const item = await headers.first(at);
        const isFinal = await headers.isFinal(await rootHeader(headers, config, root), item);
        return isFinal === true ? item.header.time : undefined;
      });
    } catch {
      return undefined;
    }
  }

  /** Ends what is being asked; resolves once no host is left. */
  endAll(): Promise<void> {
    return this.#hosts.endAll();
  }

  #headers(host: NetworkPort, peer: PeerId, { params }: NetworkConfig, belowMax: number): CertifiedHeaders {
    const { requests, bls, timers } = this.#edges;
    return new CertifiedHeaders({ requests, host, peer, bls, params, nowMs: timeMs(timers.now()), belowMax });
  }

  async #ask(
    host: NetworkPort,
    peer: PeerId,
    { config, root }: LookupGround,
    sought: SoughtOutput,
    decoys: Hash,
  ): Promise<Exclude<LookupResult, "offline">> {
    const headers = this.#headers(host, peer, config, this.#belowMax);
    const trusted = await rootHeader(headers, config, root);
    const line = { host, peer, headers, trusted };
    return (await this.#live(line, sought, decoys)) ?? (await this.#spent(line, sought));
  }

  /** undefined if the output is not live now: whether it ever was its block must tell. */
  async #live(line: LookupLine, sought: SoughtOutput, decoys: Hash): Promise<"found" | "not_there" | undefined> {
    const seen = await readLiveLeaf(this.#edges.requests, line, sought.leaf, decoys);
    if (seen === undefined) return "not_there";
    const { header, output } = seen;
    if (header.height < sought.height) {
      // A node that lags behind, or wants to seem so, cannot know it.
      const isFresh = this.#edges.timers.now() - header.time <= FRESH_MS;
      if (isFresh && sought.height - header.height > FRESH_BLOCKS) return "not_there";
      throw new DecodeError("a state from before");
    }
    if (sought.leaf >= header.nextLeaf) return "not_there";
    if (output === undefined) return undefined;
    const isSame = output.height === sought.height && equalBytes(outputHash(output.core), sought.outputHash);
    return isSame ? "found" : "not_there";
  }

  async #spent(line: LookupLine, sought: SoughtOutput): Promise<"found" | "not_there" | "too_old"> {
    const item = await this.#block(line, sought.height);
    const { header, compact } = item;
    const isWhole =
      header.height === sought.height &&
      compact.height === header.height &&
      equalBytes(compactRoot(compact), header.compactRoot);
    if (!isWhole) throw new DecodeError("a block that is not in order");
    const isFinal = await line.headers.isFinal(line.trusted, item);
    if (isFinal === undefined) return "too_old";
    if (!isFinal) throw new DecodeError("a block that is not final");
    const entry = compact.entries[sought.leaf - compact.firstLeaf];
    return entry !== undefined && equalBytes(entry.outputHash, sought.outputHash) ? "found" : "not_there";
  }

  /** The first item of a stream from there on: what a client that begins there would ask for. */
  async #block({ host, peer }: LookupLine, from: Height): Promise<CompactItem> {
    const frame = encodeCompactRequest({ from, isFull: false });
    const answer = this.#edges.requests.many(host, peer, PROTOCOL.compact, frame, { firstMs: REQUEST_MS });
    try {
      for await (const item of answer.frames) return decodeCompactItem(item, false);
    } finally {
      answer.cancel();
    }
    throw new DecodeError("no block");
  }
}
