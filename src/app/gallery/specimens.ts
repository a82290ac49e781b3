import type { HistoryRow, SyncView } from "../../api/views.ts";
import type { PacketCheckResult, PacketCheckView } from "../../api/packet-check.ts";
import type { PacketShape } from "../components/packet-shape.ts";
import type { PacketCheckCalls } from "../state/packet-check.svelte.ts";
import { amount } from "../../core/values/amount.ts";

/** Headings of a page that only its makers see, so in one language. */
export const LABELS = {
  title: "Gallery",
  theme: "Theme",
  buttons: "Buttons",
  fields: "Fields",
  choices: "Choices",
  notices: "Notices and seals",
  strips: "Status strip",
  rows: "Rows",
  amounts: "Amounts",
  avatars: "Avatars",
  packets: "Red packets",
  checks: "Checks of draws",
  codes: "Codes and words",
  waiting: "Waiting",
  sheet: "Sheet",
  toast: "Toast",
} as const;

/** Sums that are small, ordinary, and as large as they get. */
export const AMOUNTS = [amount(0n), amount(1n), amount(1_234_560_000n), amount((1n << 53n) - 1n)];

/** What pictures are drawn from. */
export const KEYS = Array.from({ length: 16 }, (_, index) => `key ${index}`);

/** In the order in which a packet may come by them. */
export const PACKETS: readonly PacketShape[] = ["sealed", "opening", "open", "empty", "expired", "taken-back"];

const LIVE: SyncView = {
  state: "live",
  height: 9_880,
  targetHeight: 9_880,
  network: "dev",
  isFinalityLate: false,
  problem: undefined,
};

/** Each with a strip of its own, but the first. */
export const STRIPS = {
  live: LIVE,
  offline: { ...LIVE, state: "offline" },
  late: { ...LIVE, isFinalityLate: true },
  too_old: { ...LIVE, state: "offline", problem: "checkpoint_too_old" },
  fork: { ...LIVE, state: "offline", problem: "fork" },
} as const satisfies Readonly<Record<string, SyncView>>;

const ROW: HistoryRow = {
  id: "leaf:1",
  direction: "in",
  amount: amount(12_500_000n),
  fee: amount(0n),
  state: "final",
  timeMs: Date.UTC(2026, 4, 4, 9, 30),
  height: 9_000,
  memo: undefined,
  to: undefined,
  canRetry: false,
};

const CHECKED: PacketCheckView = {
  total: { held: true, amount: amount(9_000_000n), shares: 5 },
  fixed: { held: true, madeAt: 9_120, firstClaimAt: 9_131 },
  placed: {
    held: true,
    draws: 3,
    own: { slot: 3, amount: amount(2_345_678n), claimedAt: 9_140, drawnAt: 9_142, beacon: "5c".repeat(32) },
  },
  items: ["packet_made", "shares_in_range", "slots_as_drawn", "history_whole"].map((check) => ({ check, held: true })),
  leaf: 4_711,
  madeIn: "8f".repeat(32),
};

const RESULTS: readonly PacketCheckResult[] = [
  { ok: true, view: CHECKED },
  { ok: true, view: { ...CHECKED, placed: { held: false, draws: 3, own: undefined } } },
  { ok: true, view: { ...CHECKED, total: { held: undefined, amount: undefined, shares: 64 } } },
  { ok: false, code: "gone" },
];

/** What checks of draws come to, and one that goes on. */
export const CHECKS: readonly PacketCheckCalls[] = [
  ...RESULTS.map((result) => ({ check: () => Promise.resolve(result), checking: () => Promise.resolve(undefined) })),
  {
    check: () => new Promise<PacketCheckResult>(() => undefined),
    checking: () => Promise.resolve({ read: 180, total: 512 }),
  },
];

/** A payment in every state, and notes of every kind. */
export const ROWS: readonly HistoryRow[] = [
  ROW,
  { ...ROW, id: "2", direction: "out" },
  { ...ROW, id: "3", direction: "out", state: "queued", height: undefined },
  { ...ROW, id: "4", direction: "out", state: "sent", height: undefined },
  { ...ROW, id: "5", direction: "out", state: "failed", height: undefined, canRetry: true },
  { ...ROW, id: "6", state: "sent", height: undefined },
  { ...ROW, id: "7", act: "award", amount: amount(9_000_000_000n) },
  { ...ROW, id: "8", memo: "恭喜发财 2026，大吉大利" },
  { ...ROW, id: "9", memo: "A note so long that no row can hold it, whatever the width of the screen may be" },
];
