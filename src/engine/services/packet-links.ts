import type { LinkView, LookLinkCode } from "../../api/packets.ts";
import { openGreeting } from "../../core/red-packet/packet-greeting.ts";
import { tryOdds } from "../../core/red-packet/packet-try.ts";
import { unpaidSlots } from "../../core/chain/packet-coins.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import type { PacketState } from "../../core/state/leaf-state.ts";
import { decoySecret } from "../../core/sync/decoy.ts";
import type { Hash } from "../../core/values/hash.ts";
import { leafIndex, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { parsePacketFragment, parsePacketLink, type PacketLink } from "../../core/values/packet-link.ts";
import { rejectClaim } from "../../core/wallet/step-claims.ts";
import type { WalletState } from "../../core/wallet/wallet-state.ts";
import { ForkWatch } from "./fork-watch.ts";
import { findGround } from "./lookup-ground.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { PacketLookup, type LinkedOutput } from "./packet-lookup.ts";

/** What looking needs of a run. */
export type LinkRun = Pick<LightClientRun, "state" | "until" | "decoySecret" | "proofRoot">;

/** What a link leads to, and the block behind which it was seen. */
export interface FollowedLink {
  readonly link: PacketLink;
  readonly height: Height;
  readonly timeMs: TimeMs;
  readonly linked: LinkedOutput;
}

export type FollowResult =
  { readonly ok: true; readonly followed: FollowedLink } | { readonly ok: false; readonly code: LookLinkCode };

/** Follows links to what they name on the chain. */
export class PacketLinks {
  readonly #edges: LightClientEdges;
  readonly #run: () => LinkRun | undefined;
  readonly #lookup: PacketLookup;
  readonly #forks: ForkWatch;

  constructor(edges: LightClientEdges, run: () => LinkRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#lookup = new PacketLookup(edges);
    this.#forks = new ForkWatch(() => this.#lookup.endAll());
  }

  /** `text`: a link, also amid a message, or what stands behind its `#`. */
  async follow(text: string): Promise<FollowResult> {
    const parsed = parseLinkText(text);
    if (!parsed.ok) return parsed;
    const { link } = parsed;
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return { ok: false, code: ground };
    if (link.chainId !== ground.config.chainId) return { ok: false, code: "wrong_network" };
    const found = await this.#lookup.find(ground, link.leaf, this.#decoys(link.linkSecret), this.#newest());
    if (!found.ok) return { ok: false, code: "offline" };
    const { height, timeMs, linked } = found;
    return { ok: true, followed: { link, height, timeMs, linked } };
  }

  /** The same for a packet that was followed before; undefined while nobody can say. */
  async find(leaf: LeafIndex, linkSecret: Uint8Array): Promise<Omit<FollowedLink, "link"> | undefined> {
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return undefined;
    const found = await this.#lookup.find(ground, leaf, this.#decoys(linkSecret), this.#newest());
    return found.ok ? found : undefined;
  }

  /** Somebody may follow a link soon: a node is dialled, and told nothing. */
  async prepare(): Promise<void> {
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return;
    const run = this.#run();
    const [decoys, header] = [run?.decoySecret(), run?.state.durable.chain?.header];
    const isKnown = decoys !== undefined && header !== undefined;
    await this.#lookup.prepare(ground, isKnown ? { decoys, leaf: leafIndex(header.nextLeaf) } : undefined);
  }

  /** Those of the wallet; without one those of the link, which no node knows. */
  #decoys(linkSecret: Uint8Array): Hash {
    return this.#run()?.decoySecret() ?? decoySecret(linkSecret);
  }

  #newest(): Height | undefined {
    return this.#run()?.state.durable.chain?.header.height;
  }

  /** The run is over: nobody is asked any more, and no host is left. */
  stopped(): Promise<void> {
    return this.#lookup.endAll();
  }
}

/** A link, also amid a message, or what stands behind its `#`. */
export function parseLinkText(text: string): ReturnType<typeof parsePacketLink> {
  const within = parsePacketLink(text);
  if (within.ok || within.code !== "malformed") return within;
  return parsePacketFragment(text);
}

/** What is said of it on screens. */
export function viewLink({ link, linked, timeMs }: FollowedLink, wallet: WalletState | undefined): LinkView {
  const { kind, hasPassword, leaf } = link;
  const isOpened = wallet !== undefined && rejectClaim(wallet, leaf) === "already_claimed";
  const common = {
    kind,
    hasPassword,
    isOpened,
    gate: "open",
    odds: 1,
    shares: undefined,
    expiryMs: undefined,
  } as const;
  const base = { ...common, ...NOTHING_SAID };
  if (kind === "gift") return { ...base, state: linked.type === "coin" ? "open" : "gone" };
  if (linked.type !== "packet") return { ...base, state: "gone" };
  const { core, state } = linked;
  const left = shareCountLeft(core, state);
  return {
    ...base,
    state: left === 0 ? "gone" : isOver(core, state, timeMs) ? "expired" : "open",
    gate: core.gate.mode,
    odds: oddsOf(core),
    shares: { count: core.shares.length, left, drawn: drawnSlots(core, state) },
    expiryMs: core.expiry,
    ...sayingOf(core, link.linkSecret),
  };
}

/** Shares that nobody has asked for yet. */
export function shareCountLeft(core: PacketCore, { used }: PacketState): number {
  return Math.max(0, core.shares.length - used.length);
}

function drawnSlots(core: PacketCore, { paidBitmap }: PacketState): readonly number[] {
  const unpaid = unpaidSlots(core, paidBitmap)!;
  return core.shares.flatMap((_share, slot) => (unpaid.includes(slot) ? [] : [slot]));
}

/** No block takes a claim any more (RP-5). */
export function isOver(core: PacketCore, { isClosing }: PacketState, timeMs: TimeMs): boolean {
  return isClosing || timeMs >= core.expiry;
}

/** Of one try, 0 to 1. */
export function oddsOf({ gate }: PacketCore): number {
  return gate.mode === "chance" ? tryOdds(gate.powBits) : 1;
}

type Saying = Pick<LinkView, "greeting" | "hasPicture">;

/** Of what has no greeting, or none that can be read. */
export const NOTHING_SAID: Saying = { greeting: undefined, hasPicture: false };

/** From its creator: text that a stranger wrote, and whether a picture goes with it. */
export function sayingOf({ packetKey, greeting }: PacketCore, linkSecret: Uint8Array): Saying {
  const opened = openGreeting(linkSecret, packetKey, greeting);
  if (opened === undefined) return NOTHING_SAID;
  return { greeting: opened.text === "" ? undefined : opened.text, hasPicture: opened.adBlobId !== undefined };
}
