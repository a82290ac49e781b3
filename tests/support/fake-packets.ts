import type { ClaimView, LinkView, MadePacketView, PacketTermsView } from "../../src/api/packets.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex, timeMs } from "../../src/core/values/height.ts";
import { formatPacketFragment, type PacketLink } from "../../src/core/values/packet-link.ts";

const HOUR_MS = 3_600_000;
const FAR_MS = timeMs(Date.UTC(2099, 0, 1));
const nameOf = (byte: number): string => byte.toString(16).padStart(2, "0").repeat(16);

/** As on the dev network, but that a packet may live for 30 days, as on the main one. */
export const PACKET_TERMS: PacketTermsView = {
  countMax: 64,
  greetingBytesMax: 102,
  passwordBytesMax: 128,
  lifeMaxMs: 30 * 24 * HOUR_MS,
  chances: [
    { workBits: 6, odds: 0.635 },
    { workBits: 8, odds: 0.2216 },
    { workBits: 10, odds: 0.0606 },
  ],
};

/** A packet of one's own that can be opened. */
export function fakePacket(change: Partial<MadePacketView> & { readonly id: string }): MadePacketView {
  return {
    txid: "f0".repeat(32),
    kind: "packet",
    state: "live",
    end: undefined,
    amount: amount(88_000_000n),
    count: 5,
    expiryMs: FAR_MS,
    greeting: "恭喜发财，大吉大利",
    hasPicture: false,
    hasPassword: false,
    odds: 1,
    back: amount(0n),
    timeMs: timeMs(Date.UTC(2026, 4, 4, 9, 0)),
    ...change,
  };
}

/** What its shares hold. */
export const PACKET_SHARES = [17_600_000n, 4_000_000n, 36_200_000n, 12_300_000n, 17_900_000n].map(amount);

const GIFT = { kind: "gift", count: undefined, expiryMs: undefined, greeting: undefined } as const;
const ENDED_MS = timeMs(Date.UTC(2026, 4, 5));

/** One in each state. */
export const PACKETS: readonly MadePacketView[] = [
  fakePacket({ id: nameOf(1) }),
  fakePacket({ id: nameOf(2), ...GIFT, amount: amount(8_880_000n) }),
  fakePacket({ id: nameOf(3), state: "paying", count: undefined, expiryMs: undefined, greeting: undefined }),
  fakePacket({
    id: nameOf(4),
    hasPassword: true,
    hasPicture: true,
    count: 1,
    greeting: "A greeting that has all of the room there is for one in the link of a packet, which is not a lot",
  }),
  fakePacket({ id: nameOf(5), state: "closing" }),
  fakePacket({ id: nameOf(6), expiryMs: ENDED_MS }),
  fakePacket({ id: nameOf(7), state: "over", end: "opened" }),
  fakePacket({ id: nameOf(8), state: "over", end: "expired", expiryMs: ENDED_MS, back: amount(17_600_000n) }),
  fakePacket({ id: nameOf(9), state: "over", end: "taken-back", back: amount(88_050_000n) }),
  fakePacket({ id: nameOf(10), ...GIFT, state: "over", end: "opened" }),
  fakePacket({ id: nameOf(11), state: "failed", count: undefined, expiryMs: undefined, greeting: undefined }),
];

export function fakeClaim(change: Partial<ClaimView> & { readonly id: string }): ClaimView {
  return {
    state: "won",
    amount: amount(4_200_000n),
    rank: 3,
    count: 5,
    greeting: "恭喜发财，大吉大利",
    hasPicture: false,
    timeMs: timeMs(Date.UTC(2026, 4, 4, 9, 0)),
    ...change,
  };
}

const NOT_WON = { amount: undefined, rank: undefined } as const;

/** One in each state. */
export const CLAIMS: readonly ClaimView[] = [
  fakeClaim({ id: "packet:1", state: "sending", ...NOT_WON }),
  fakeClaim({ id: "packet:2", state: "drawing", ...NOT_WON }),
  fakeClaim({ id: "packet:3" }),
  fakeClaim({ id: "packet:4", rank: 1, greeting: undefined }),
  fakeClaim({
    id: "packet:5",
    rank: undefined,
    greeting: "A greeting so long that no row can hold it, whatever its width",
  }),
  fakeClaim({ id: "packet:6", state: "empty", ...NOT_WON }),
  fakeClaim({ id: "packet:7", state: "expired", ...NOT_WON }),
  fakeClaim({ id: "packet:8", state: "refused", ...NOT_WON }),
];

/** Of the packet that fake links lead to. */
export const FAKE_PACKET_LEAF = leafIndex(1_204);

/** What stands behind `/r#`; nobody holds it. */
export function fakePacketFragment(change: Partial<PacketLink> = {}): string {
  const linkSecret = new Uint8Array(16).fill(7);
  return formatPacketFragment({
    kind: "packet",
    hasPassword: false,
    chainId: 1000,
    leaf: FAKE_PACKET_LEAF,
    linkSecret,
    ...change,
  });
}

/** What a link leads to: two of five are opened. */
export function fakeLink(change: Partial<LinkView> = {}): LinkView {
  return {
    kind: "packet",
    state: "open",
    hasPassword: false,
    gate: "open",
    odds: 1,
    shares: { count: 5, left: 3, drawn: [1, 4] },
    expiryMs: FAR_MS,
    greeting: "恭喜发财，大吉大利",
    hasPicture: false,
    isOpened: false,
    ...change,
  };
}
