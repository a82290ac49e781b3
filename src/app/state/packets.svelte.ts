import type { ClaimView, MadePacketView } from "../../api/packets.ts";
import type { PacketShape } from "../components/packet-shape.ts";
import type { Session } from "./session.svelte.ts";

/** Time alone ends packets, and what others open is told by blocks. */
const LOOK_AGAIN_MS = 4_000;

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
  readonly #session: Session;
  #isLooking = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads them again and again while somebody looks. Returns how to stop. */
  watch(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
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
