import type { LookupProgress } from "../../api/explorer.ts";
import type { PacketCheckCode, PacketCheckResult } from "../../api/packet-check.ts";
import type { Header } from "../../core/chain/header.ts";
import { isBeaconSigned } from "../../core/red-packet/check-draw.ts";
import type { PacketBlock, PacketHistory, PacketReplay } from "../../core/red-packet/replay-packet.ts";
import { DRAW_DELAY_BLOCKS } from "../../core/state/draw-packets.ts";
import { STRETCH_BLOCKS, stretchesFor, stretchOf } from "../../core/sync/block-stretch.ts";
import { decoySecret } from "../../core/sync/decoy.ts";
import type { Hash } from "../../core/values/hash.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { ForkWatch } from "./fork-watch.ts";
import type { LightClientEdges } from "./light-client-run.ts";
import { findGround, type LookupGround } from "./lookup-ground.ts";
import { askingOrder, dialNode } from "./lookup-nodes.ts";
import type { LinkRun } from "./packet-links.ts";
import { viewPacketCheck, type SoughtPacket } from "./packet-check-view.ts";
import { readPacketStretch, type MadeHere, type PacketStretch, type PacketStretchAnswer } from "./read-packet-life.ts";

/** Stretches of one packet's life that a device reads: 3,072 blocks, and as many of their pairs. */
export const LIFE_STRETCHES_MAX = 12;
/** The time of one node for one stretch. */
const NODE_MS = 60_000;

/** What the nodes asked have come to. */
type NodesAnswer = PacketStretchAnswer | { readonly outcome: "failed" } | "offline";
const FAILED = { outcome: "failed" } as const;

type Refusal = Extract<PacketCheckResult, { readonly ok: false }>;
const refuse = (code: PacketCheckCode): Refusal => ({ ok: false, code });

/** Rechecks how packets were shared out, from the blocks of their lives: read by stretches with their pairs (NW-20). */
export class PacketChecks {
  readonly #edges: LightClientEdges;
  readonly #run: () => LinkRun | undefined;
  readonly #hosts: BriefHosts;
  readonly #forks: ForkWatch;
  #progress: LookupProgress | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(edges: LightClientEdges, run: () => LinkRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#hosts = new BriefHosts(edges);
    this.#forks = new ForkWatch(() => this.stopped());
  }

  /** undefined while none is made. */
  get progress(): LookupProgress | undefined {
    return this.#progress;
  }

  /** One after the other: each opens connections. A mistake of ours is no fault of the packet, and ends this check alone. */
  check(sought: SoughtPacket): Promise<PacketCheckResult> {
    const turn = this.#last.then(() => this.#check(sought)).catch(() => refuse("failed"));
    this.#last = turn;
    return turn.finally(() => (this.#progress = undefined));
  }

  /** The run is over: nobody is asked any more, and no host is left. */
  stopped(): Promise<void> {
    return this.#hosts.endAll();
  }

  async #check(sought: SoughtPacket): Promise<PacketCheckResult> {
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return refuse(ground);
    this.#progress = { read: 0, total: 2 * STRETCH_BLOCKS };
    const life = await this.#readLife(ground, sought);
    if (typeof life === "string") return refuse(life);
    const { made, blocks } = life;
    const history: PacketHistory = {
      packet: made.packet,
      packetLeaf: sought.leaf,
      made: made.block,
      blocks,
      link: { linkSecret: sought.linkSecret, guardedSecret: undefined },
    };
    const replay = await this.#edges.jobs.replayPacket(history);
    if (replay === undefined) return refuse("failed");
    const view = viewPacketCheck(sought, history, withBeacons(replay, await this.#areSigned(replay, blocks)));
    return { ok: true, view };
  }

  /** From the block that made it to its end, or to the draw of our own share; downwards first, since nobody says where it begins. */
  async #readLife(
    ground: LookupGround,
    sought: SoughtPacket,
  ): Promise<{ readonly made: MadeHere; readonly blocks: readonly PacketBlock[] } | PacketCheckCode> {
    const read = new Map<number, PacketStretch>();
    let made: MadeHere | undefined;
    for (let stretch = stretchOf(sought.knownAt); made === undefined; stretch--) {
      if (read.size === LIFE_STRETCHES_MAX) return "too_long";
      const answer = await this.#readWithPair(ground, stretch, sought);
      if (typeof answer === "string") return answer;
      read.set(stretch, answer);
      made = answer.made;
      // Made here, and not by a transaction that a node has shown: no such packet.
      if (made === undefined && (sought.leaf >= answer.firstLeaf || stretch === 0)) return "unproven";
    }
    const newest = this.#run()?.state.durable.chain?.header.height ?? sought.knownAt;
    const until = stretchOf(Math.min(newest, sought.endsAt ?? newest));
    for (let stretch = stretchOf(sought.knownAt) + 1; stretch <= until; stretch++) {
      if ([...read.values()].some(({ hasEnd }) => hasEnd)) break;
      if (read.size === LIFE_STRETCHES_MAX) return "too_long";
      const answer = await this.#readWithPair(ground, stretch, sought);
      if (typeof answer === "string") return answer;
      read.set(stretch, answer);
    }
    const madeAt = made.block.header.height;
    const blocks = [...read]
      .sort(([left], [right]) => left - right)
      .flatMap(([stretch, part]) => withParent(part.blocks, read.get(stretch - 1)?.last))
      .filter(({ header }) => header.height > madeAt);
    return { made, blocks };
  }

  /** The stretch and the one that covers it, the lower one first, each over an identity of its own. */
  async #readWithPair(
    ground: LookupGround,
    stretch: number,
    sought: SoughtPacket,
  ): Promise<PacketStretch | PacketCheckCode> {
    const newest = this.#run()?.state.durable.chain?.header.height;
    let found: NodesAnswer = "offline";
    const pair = stretchesFor(this.#secret(sought), stretch, newest);
    const before = this.#progress?.read ?? 0;
    this.#progress = { read: before, total: before + pair.length * STRETCH_BLOCKS };
    for (const each of pair) {
      const answer = await this.#readOne(ground, each, sought);
      if (each === stretch) found = answer;
    }
    if (found === "offline") return "offline";
    if (found.outcome === "read") return found.stretch;
    return found.outcome === "not_made" ? "gone" : found.outcome;
  }

  async #readOne(ground: LookupGround, stretch: number, sought: SoughtPacket): Promise<NodesAnswer> {
    let worst: NodesAnswer = "offline";
    for (const node of askingOrder(this.#edges.random, ground.nodes)) {
      if (!ground.isWanted()) return "offline";
      try {
        const answer = await this.#hosts.lend(ground.config.chainId, NODE_MS, async (host) => {
          const line = { host, peer: await dialNode(host, node) };
          const count = (blocks: number): void => this.#count(blocks);
          return readPacketStretch(this.#edges, line, ground, stretch, sought, count).catch(failedByUs);
        });
        if (answer.outcome === "read" || answer.outcome === "too_large" || answer.outcome === "failed") return answer;
        // Another may keep it longer, or be further.
        worst = answer;
      } catch {
        // Not reached, silent, slow, or not in order: the next node may do.
      }
    }
    return worst;
  }

  #count(count: number): void {
    const { read, total } = this.#progress ?? { read: 0, total: 0 };
    this.#progress = { read: Math.min(total, read + count), total };
  }

  #secret({ linkSecret }: SoughtPacket): Hash {
    return this.#run()?.decoySecret() ?? decoySecret(linkSecret);
  }

  /** A pairing each, which takes as long as a picture on the screen: others have their turn in between. */
  async #areSigned(replay: PacketReplay, blocks: readonly PacketBlock[]): Promise<boolean | undefined> {
    const drawn = new Set(replay.opened.map(({ claimedAt }) => claimedAt + DRAW_DELAY_BLOCKS));
    let known: boolean | undefined = true;
    for (const at of drawn) {
      const drawing = blocks.find(({ header }) => header.height === at);
      const middle = blocks.find(({ header }) => header.height === at - 1);
      if (drawing?.proposerKey === undefined || middle === undefined) known = undefined;
      else {
        await new Promise<void>((resolve) => void this.#edges.timers.after(0, resolve));
        const headers = [middle.header, middle.header, drawing.header] as const;
        if (!isBeaconSigned(this.#edges.bls, { headers }, drawing.proposerKey)) return false;
      }
    }
    return known;
  }
}

/** Of an answer that a node gave: what only a mistake of ours throws, which no other node makes good. */
function failedByUs(error: unknown): { readonly outcome: "failed" } {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return FAILED;
  throw error;
}

/** The parent of a stretch's lowest block is the highest of the one below. */
function withParent(blocks: readonly PacketBlock[], below: Header | undefined): readonly PacketBlock[] {
  return blocks.map((block) => ({ ...block, parent: block.parent ?? below }));
}

function withBeacons(replay: PacketReplay, held: boolean | undefined): PacketReplay {
  const checks = replay.checks.map((each) => (each.check === "beacon_signed" ? { ...each, held } : each));
  return { ...replay, checks };
}
