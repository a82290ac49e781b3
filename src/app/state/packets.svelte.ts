import { untrack } from "svelte";
import type { ClaimView, MadePacketView } from "../../api/packets.ts";
import type { PacketShape } from "../components/packet-shape.ts";
import type { Session } from "./session.svelte.ts";

/** Time alone ends packets, and what others open is told by blocks. */
const LOOK_AGAIN_MS = 4_000;
const SECOND_MS = 1_000;

/** How a packet stands, in one word. ended: its time is over, and its rest not back yet. */
export type PacketStatus = "paying" | "live" | "ended" | "closing" | "opened" | "expired" | "taken-back" | "failed";

/** What the shape of a packet says of it without words. */
export const PACKET_SHAPES: Readonly<Record<PacketStatus, PacketShape>> = {
  paying: "sealed",
  live: "sealed",
  ended: "expired",
  closing: "taken-back",
  opened: "empty",
  expired: "expired",
  "taken-back": "taken-back",
  failed: "taken-back",
};

export const CLAIM_SHAPES: Readonly<Record<ClaimView["state"], PacketShape>> = {
  sending: "opening",
  drawing: "opening",
  won: "open",
  empty: "empty",
  expired: "expired",
  refused: "empty",
};

export function packetStatus({ state, end, expiryMs }: MadePacketView, nowMs: number): PacketStatus {
  if (state === "over") return end ?? "opened";
  return state === "live" && expiryMs !== undefined && expiryMs <= nowMs ? "ended" : state;
}

/** Nothing more will become of it. */
export function isPacketOver(status: PacketStatus): boolean {
  return status === "opened" || status === "expired" || status === "taken-back" || status === "failed";
}

/** Packets that this wallet has made, and those that it has opened. */
export class PacketsState {
  /** Newest first; undefined before the first answer. */
  made = $state.raw<readonly MadePacketView[]>();
  claims = $state.raw<readonly ClaimView[]>([]);
  isLookFailed = $state.raw(false);
  /** By this device's clock, to the second while somebody looks: what is left of a packet's time. */
  nowMs = $state.raw(0);
  readonly #session: Session;
  readonly #now: () => number;
  #isLooking = false;

  constructor(session: Session, now: () => number) {
    this.#session = session;
    this.#now = now;
    this.nowMs = now();
  }

  /** Reads them again and again while somebody looks. Returns how to stop. */
  watch(): () => void {
    void this.look();
    const looking = setInterval(() => void this.look(), LOOK_AGAIN_MS);
    const ticking = setInterval(() => (this.nowMs = this.#now()), SECOND_MS);
    return () => {
      clearInterval(looking);
      clearInterval(ticking);
    };
  }

  /** What blocks and payments do to packets is told with them: reads them again where either has changed. */
  heed(): void {
    if (this.#session.balance !== undefined && this.#session.history !== undefined) untrack(() => void this.look());
  }

  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { packets } = this.#session.client;
    const [made, claims] = await Promise.all([
      packets.made().catch(() => undefined),
      packets.claims().catch(() => undefined),
    ]);
    this.#isLooking = false;
    if (made !== undefined) this.made = made;
    if (claims !== undefined) this.claims = claims;
    this.isLookFailed = made === undefined || claims === undefined;
  }
}
