import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { Reader } from "../../core/bytes/reader.ts";
import { compactRoot } from "../../core/chain/compact-block.ts";
import { outputHash } from "../../core/chain/output.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES, BUCKET_LIMIT } from "../../core/state/bucket-proof.ts";
import type { CompactItem } from "../../core/sync/compact-item.ts";
import { decoyTriple } from "../../core/sync/decoy.ts";
import type { NetworkConfig, NodeConfig } from "../../core/sync/network-config.ts";
import { checkBucket, type ServedBucket } from "../../core/sync/served-bucket.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { startAtCheckpoint } from "../../core/sync/step-sync.ts";
import type { Hash } from "../../core/values/hash.ts";
import { height, timeMs, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest } from "../../wire/requests/bucket.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import { CertifiedHeaders } from "./certified-headers.ts";
import { REQUEST_MS } from "./header-requests.ts";
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

const DIAL_MS = 8_000;
const NODES_MAX = 4;
/** Headers that are followed down to the block of a spent output: about three megabytes. */
const HEADERS_BELOW_MAX = 4_096;
/** The same for nothing but a time. */
const TIME_HEADERS_BELOW_MAX = 512;
/** Blocks that an honest node may be behind. */
const LAG_BLOCKS_MAX = 16;

/**
 * Looks an output up that is not ours to know. A live one by its bucket among decoys (BL-15, NW-7), a spent one by the
 * compact data of its block, which names nothing but a height; so no node learns which output was meant (NW-9). Each
 * node is asked over a connection of its own, with an identity nobody has seen, and believed in nothing.
 */
export class OutputLookup {
  readonly #edges: NetworkEdges & { readonly bls: BlsBackend };
  readonly #belowMax: number;
  #lastAsked: NodeConfig | undefined;

  constructor(edges: NetworkEdges & { readonly bls: BlsBackend }, belowMax = HEADERS_BELOW_MAX) {
    this.#edges = edges;
    this.#belowMax = belowMax;
  }

  /** `trusted` undefined: the checkpoint of the network file. `decoys` is the secret of NW-7. */
  async find(
    config: NetworkConfig,
    trusted: TrustedHeader | undefined,
    sought: SoughtOutput,
    decoys: Hash,
  ): Promise<LookupResult> {
    let isTooOld = false;
    for (const node of this.#shuffled(config.nodes).slice(0, NODES_MAX)) {
      const host = await this.#edges.openHost(config.chainId).catch(() => undefined);
      if (host === undefined) return "offline";
      this.#lastAsked = node;
      try {
        const peer = await dial(host, node);
        const answer = await this.#ask(host, peer, config, trusted, sought, decoys);
        if (answer !== "too_old") return answer;
        isTooOld = true;
      } catch {
        // Not reached, silent, or not in order: the next node may do.
      } finally {
        await host.stop().catch(() => undefined);
      }
    }
    return isTooOld ? "too_old" : "offline";
  }

  /**
   * When a block was made; undefined where nobody says so in time, or it lies too far back. To name a height is to hint at
   * an output, so the node that was asked for the bucket is not asked this if there is another.
   */
  async blockTime(config: NetworkConfig, known: TrustedHeader | undefined, at: Height): Promise<TimeMs | undefined> {
    const others = config.nodes.filter((node) => node !== this.#lastAsked);
    const [node] = this.#shuffled(others.length > 0 ? others : config.nodes);
    const host = node && (await this.#edges.openHost(config.chainId).catch(() => undefined));
    if (node === undefined || host === undefined) return undefined;
    try {
      const headers = this.#headers(host, await dial(host, node), config, TIME_HEADERS_BELOW_MAX);
      const item = await headers.first(at);
      const isFinal = await headers.isFinal(known ?? (await checkpointHeader(headers, config)), item);
      return isFinal === true ? item.header.time : undefined;
    } catch {
      return undefined;
    } finally {
      await host.stop().catch(() => undefined);
    }
  }

  #headers(host: NetworkPort, peer: PeerId, { params }: NetworkConfig, belowMax: number): CertifiedHeaders {
    const { requests, bls, timers } = this.#edges;
    return new CertifiedHeaders({ requests, host, peer, bls, params, nowMs: timeMs(timers.now()), belowMax });
  }

  async #ask(
    host: NetworkPort,
    peer: PeerId,
    config: NetworkConfig,
    known: TrustedHeader | undefined,
    sought: SoughtOutput,
    decoys: Hash,
  ): Promise<Exclude<LookupResult, "offline">> {
    const headers = this.#headers(host, peer, config, this.#belowMax);
    const trusted = known ?? (await checkpointHeader(headers, config));
    const live = await this.#live(host, peer, headers, trusted, sought, decoys);
    if (live !== undefined) return live;
    return this.#spent(host, peer, headers, trusted, sought);
  }

  /** undefined if the output is not live now: whether it ever was its block must tell. */
  async #live(
    host: NetworkPort,
    peer: PeerId,
    headers: CertifiedHeaders,
    trusted: TrustedHeader,
    sought: SoughtOutput,
    decoys: Hash,
  ): Promise<"found" | "not_there" | undefined> {
    const bucket = Math.floor(sought.leaf / BUCKET_LEAVES);
    const triple = decoyTriple(decoys, bucket);
    // The last numbers there are make no whole window of decoys, and no chain gets near them.
    if (triple.some((id) => id >= BUCKET_LIMIT)) return "not_there";
    const served = await this.#bucket(host, peer, bucket, triple);
    const item = await headers.first(served.at);
    if ((await headers.isFinal(trusted, item)) !== true) throw new DecodeError("a header that is not final");
    const outputs = checkBucket(item.header.utxoRoot, bucket, served);
    if (outputs === undefined) throw new DecodeError("a bucket that is not that of its root");
    // While the genesis is served as a boundary, 0 names that and not the newest height: then the block has to tell.
    if (item.header.height === 0 && sought.height > 0) return undefined;
    if (item.header.height < sought.height) {
      // A node that lags behind cannot know it yet.
      if (sought.height - item.header.height <= LAG_BLOCKS_MAX) throw new DecodeError("a state from before");
      return "not_there";
    }
    if (sought.leaf >= item.header.nextLeaf) return "not_there";
    const found = outputs.find(({ leaf }) => leaf === sought.leaf);
    if (found === undefined) return undefined;
    const isSame = found.height === sought.height && equalBytes(outputHash(found.core), sought.outputHash);
    return isSame ? "found" : "not_there";
  }

  async #bucket(host: NetworkPort, peer: PeerId, bucket: number, triple: readonly number[]): Promise<ServedBucket> {
    const frame = encodeBucketRequest({ at: height(0), withPayloads: false, buckets: triple });
    const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
    const answer = this.#edges.requests.many(host, peer, PROTOCOL.bucket, frame, wait);
    const served: ServedBucket[] = [];
    try {
      for await (const item of answer.frames) {
        if (served.length === triple.length) throw new DecodeError("longer answer than asked for");
        served.push(decodeBucketAnswer(item));
      }
    } finally {
      answer.cancel();
    }
    const own = served[triple.indexOf(bucket)];
    if (own === undefined || served.length < triple.length) throw new DecodeError("shorter answer than asked for");
    return own;
  }

  async #spent(
    host: NetworkPort,
    peer: PeerId,
    headers: CertifiedHeaders,
    trusted: TrustedHeader,
    sought: SoughtOutput,
  ): Promise<"found" | "not_there" | "too_old"> {
    const item = await this.#block(host, peer, sought.height);
    const { header, compact } = item;
    const isWhole =
      header.height === sought.height &&
      compact.height === header.height &&
      equalBytes(compactRoot(compact), header.compactRoot);
    if (!isWhole) throw new DecodeError("a block that is not in order");
    const isFinal = await headers.isFinal(trusted, item);
    if (isFinal === undefined) return "too_old";
    if (!isFinal) throw new DecodeError("a block that is not final");
    const entry = compact.entries[sought.leaf - compact.firstLeaf];
    return entry !== undefined && equalBytes(entry.outputHash, sought.outputHash) ? "found" : "not_there";
  }

  /** The first item of a stream from there on: what a client that begins there would ask for. */
  async #block(host: NetworkPort, peer: PeerId, from: Height): Promise<CompactItem> {
    const frame = encodeCompactRequest({ from, isFull: false });
    const answer = this.#edges.requests.many(host, peer, PROTOCOL.compact, frame, { firstMs: REQUEST_MS });
    try {
      for await (const item of answer.frames) return decodeCompactItem(item, false);
    } finally {
      answer.cancel();
    }
    throw new DecodeError("no block");
  }

  #shuffled(nodes: readonly NodeConfig[]): readonly NodeConfig[] {
    const marked = nodes.map((node) => ({ node, mark: new Reader(this.#edges.random.bytes(4)).u32() }));
    return marked.sort((left, right) => left.mark - right.mark).map(({ node }) => node);
  }
}

async function checkpointHeader(headers: CertifiedHeaders, config: NetworkConfig): Promise<TrustedHeader> {
  const { checkpoint, chainId } = config;
  const chain = startAtCheckpoint(checkpoint, chainId, undefined, await headers.first(checkpoint.height));
  if (chain === undefined) throw new DecodeError("another checkpoint");
  return chain;
}

async function dial(host: NetworkPort, { addresses }: NodeConfig): Promise<PeerId> {
  for (const address of addresses) {
    try {
      return await host.dial(address, DIAL_MS);
    } catch {
      // The next address may do.
    }
  }
  throw new Error("not reached");
}
