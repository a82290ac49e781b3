import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import type { OutputCore } from "../../core/chain/output.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES } from "../../core/state/bucket-proof.ts";
import type { PacketState } from "../../core/state/leaf-state.ts";
import { decoyPermutation, windowOf } from "../../core/sync/decoy.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { CertifiedHeaders } from "./certified-headers.ts";
import { readLiveLeaf, type SeenLeaf } from "./live-leaf.ts";
import { rootHeader, type LookupGround } from "./lookup-ground.ts";
import { askingOrder, dialNode } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";
import { SpareLine } from "./spare-line.ts";

/** What a link leads to. */
export type LinkedOutput =
  | {
      readonly type: "packet";
      readonly core: PacketCore;
      readonly state: PacketState;
      /** Block that made it. */
      readonly madeAt: Height;
    }
  /** Perhaps a gift: its link will tell. */
  | { readonly type: "coin"; readonly core: OutputCore; readonly madeAt: Height }
  /** Nothing lives there, or nothing that a link could be about: all drawn, refunded, taken, or never made. */
  | { readonly type: "nothing" };

/** `height` and `timeMs`: of the block behind which it was seen. */
export type LinkLookup =
  | { readonly ok: true; readonly height: Height; readonly timeMs: TimeMs; readonly linked: LinkedOutput }
  /** behind: nobody who was reached has seen the block that the device has seen. */
  | { readonly ok: false; readonly code: "offline" | "behind" };

/** The time of one node. Whoever waits has tapped on a packet. */
const NODE_MS = 20_000;
/** Headers between what we trust and the newest state: a wallet of a moment ago has its checkpoint far below. */
const BELOW_MAX = 4_096;

/**
 * Looks at the place that a link names, in the newest state of a node, by its bucket among decoys: nobody learns which packet
 * is meant, nor which wallet asks. Each node is asked over a connection of its own and believed in nothing.
 */
export class PacketLookup {
  readonly #edges: NetworkEdges & { readonly bls: BlsBackend };
  readonly #hosts: BriefHosts;
  readonly #spare: SpareLine;
  /** What the last secret makes of the last window: a thousand hashes, and whoever looks again asks for the same. */
  #decoys: { readonly secret: Hash; readonly window: number; readonly permutation: readonly number[] } | undefined;

  constructor(edges: NetworkEdges & { readonly bls: BlsBackend }) {
    this.#edges = edges;
    this.#hosts = new BriefHosts(edges);
    this.#spare = new SpareLine(edges);
  }

  /** `decoys` is the secret of NW-7; `notBefore`: an older state would say nothing new. */
  async find(ground: LookupGround, leaf: LeafIndex, decoys: Hash, notBefore?: Height): Promise<LinkLookup> {
    const { config, nodes, isWanted } = ground;
    let isBehind = false;
    const spare = await this.#spare.take();
    for (const node of [spare, ...askingOrder(this.#edges.random, nodes)]) {
      if (node === undefined) continue;
      if (!isWanted()) {
        if ("host" in node) await node.host.stop().catch(() => undefined);
        break;
      }
      const opened = "host" in node ? Promise.resolve(node.host) : undefined;
      const errand = async (host: NetworkPort): Promise<SeenLeaf> => {
        const peer = "host" in node ? node.peer : await dialNode(host, node);
        return this.#ask(host, peer, ground, leaf, decoys);
      };
      try {
        const seen = await this.#hosts.lend(config.chainId, NODE_MS, errand, opened);
        isBehind = notBefore !== undefined && seen.header.height < notBefore;
        if (!isBehind) {
          const { height, time } = seen.header;
          return { ok: true, height, timeMs: timeMs(time), linked: linkedOf(seen) };
        }
      } catch {
        // Not reached, silent, slow, or not in order: the next node may do.
      }
    }
    return { ok: false, code: isBehind ? "behind" : "offline" };
  }

  /** Somebody is about to look, at a packet that may be among the newest outputs: what the next look makes use of. */
  async prepare(
    { config, nodes }: Pick<LookupGround, "config" | "nodes">,
    newest: { readonly decoys: Hash; readonly leaf: LeafIndex } | undefined,
  ): Promise<void> {
    if (newest !== undefined) this.#permutationOf(newest.decoys, newest.leaf);
    const [node] = askingOrder(this.#edges.random, nodes);
    if (node !== undefined) await this.#spare.prepare(config.chainId, node);
  }

  #permutationOf(secret: Hash, leaf: LeafIndex): readonly number[] {
    const window = windowOf(Math.floor(leaf / BUCKET_LEAVES));
    const known = this.#decoys;
    if (known?.window === window && equalBytes(known.secret, secret)) return known.permutation;
    const permutation = decoyPermutation(secret, window);
    this.#decoys = { secret, window, permutation };
    return permutation;
  }

  /** Ends what is being asked; resolves once no host is left. */
  async endAll(): Promise<void> {
    await Promise.all([this.#hosts.endAll(), this.#spare.end()]);
  }

  async #ask(
    host: NetworkPort,
    peer: PeerId,
    { config, root }: LookupGround,
    leaf: LeafIndex,
    decoys: Hash,
  ): Promise<SeenLeaf> {
    const { requests, bls, timers } = this.#edges;
    const { params } = config;
    const nowMs = timeMs(timers.now());
    const headers = new CertifiedHeaders({ requests, host, peer, bls, params, nowMs, belowMax: BELOW_MAX });
    const trusted = rootHeader(headers, config, root);
    // Awaited below, unless something else fails first.
    trusted.catch(() => undefined);
    const permutation = this.#permutationOf(decoys, leaf);
    const seen = await readLiveLeaf(requests, { host, peer, headers, trusted }, leaf, decoys, permutation);
    return seen ?? { header: (await trusted).header, output: undefined };
  }
}

function linkedOf({ output }: SeenLeaf): LinkedOutput {
  if (output === undefined) return { type: "nothing" };
  const { core, packetState, height: madeAt } = output;
  if (core.type === "packet" && packetState !== undefined) return { type: "packet", core, state: packetState, madeAt };
  return core.type === "coin" ? { type: "coin", core, madeAt } : { type: "nothing" };
}
