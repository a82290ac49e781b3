import type { Height, LeafIndex } from "../values/height.ts";
import type { KeptNote, Note } from "./note.ts";
import {
  isRestoreComplete,
  rangeCount,
  RESTORE_RANGE_LEAVES,
  startRestore,
  type RestoreBoundary,
  type RestoreState,
  type SpentAt,
} from "./restore-state.ts";
import { loseSpent, lowestUnspent, settleAtEnd, settleByInputs, settleByOutputs } from "./missed-blocks.ts";
import { isStrangers } from "./packet-targets.ts";
import { RESTORE_CHANGES_MAX } from "./restore-records.ts";
import { waitForPackets, type BucketSource, type FoundPacket, type WantedPacket } from "./restore-packets.ts";
import type { ScannedBlock } from "./scanned-block.ts";
import { replaceStake } from "./settle-stakes.ts";
import { drawClaims, endClaims } from "./step-claims.ts";
import { followStake, isStakeNote, type StakeNote } from "./stake-state.ts";
import { addUnopened } from "./unopened-coins.ts";
import type { WalletState } from "./wallet-state.ts";

export type RestoreEvent =
  /** The birthday is this block or a later one, and no coin of ours has a number below this. */
  | { readonly type: "restore-birthday-found"; readonly height: Height; readonly firstLeaf: number }
  /** A verified range: how many live outputs it had, and which of them carry a tag of ours. */
  | {
      readonly type: "restore-range-scanned";
      readonly range: number;
      /** Where it was read: the boundary of now, or one before it. */
      readonly boundary: RestoreBoundary;
      readonly outputCount: number;
      readonly hits: readonly LeafIndex[];
    }
  /** Verified buckets at the boundary of now, and everything in them that is ours. */
  | {
      readonly type: "restore-buckets-opened";
      readonly buckets: readonly number[];
      readonly notes: readonly Note[];
      /** Coins that only the core of their packet can open. */
      readonly wanted?: readonly WantedPacket[] | undefined;
      /** Cores of packets that such coins wait for. */
      readonly packets?: readonly FoundPacket[] | undefined;
      /** undefined: nobody was asked. */
      readonly from?: BucketSource | undefined;
    }
  /** Ranges are read at the newest boundary from now on. */
  | { readonly type: "restore-moved" };

/** Steps of a wallet that is being restored; others pass them over. The restore ends by itself with its last step. */
export function stepRestore(wallet: WalletState, event: RestoreEvent): WalletState {
  const { restore } = wallet;
  if (restore === undefined) return wallet;
  switch (event.type) {
    case "restore-birthday-found": {
      const firstRange = Math.floor(Math.min(event.firstLeaf, lowestUnspent(wallet)) / RESTORE_RANGE_LEAVES);
      return finish({ ...wallet, birthday: event.height }, { ...restore, firstRange });
    }
    case "restore-range-scanned":
      return scanRange(wallet, restore, event);
    case "restore-buckets-opened":
      return openBuckets(wallet, restore, event);
    case "restore-moved":
      return finish(wallet, moveBoundary(wallet, restore));
    default:
      return event satisfies never;
  }
}

/** The chain was first seen: ranges are read at this boundary, newest first. */
export function beginRestore(wallet: WalletState, boundary: RestoreBoundary): WalletState {
  const { restore } = wallet;
  if (restore === undefined) return wallet;
  const begun = { ...restore, boundary, endLeaf: boundary.nextLeaf };
  return begin(wallet, { ...begun, cursor: rangeCount(begun) });
}

/**
 * A boundary at which nodes can be asked for the packets of coins that could not be opened: as a restore that has no range
 * to read. Nothing happens while another one runs, or where there is no such coin.
 */
export function openAgain(wallet: WalletState, boundary: RestoreBoundary): WalletState {
  if (wallet.restore !== undefined || wallet.unopened.size === 0) return wallet;
  return begin(wallet, { ...startRestore(undefined), boundary, endLeaf: boundary.nextLeaf });
}

/** Coins that could not be opened before are so in any case what a restore has to look at. */
function begin(wallet: WalletState, restore: RestoreState): WalletState {
  const leaves = [...wallet.unopened.keys()].filter((leaf) => leaf < restore.endLeaf);
  const unopened = new Map([...wallet.unopened].filter(([leaf]) => leaf >= restore.endLeaf));
  const hits = [...new Set([...restore.hits, ...leaves])];
  return finish(leaves.length === 0 ? wallet : { ...wallet, unopened }, { ...restore, hits });
}

/** A block above the boundary: what it spends may be found later, and where it ends an epoch ranges may be read. */
export function passBlock(restore: RestoreState, block: ScannedBlock): RestoreState {
  const gone = block.spent.filter((leaf) => leaf < restore.endLeaf);
  const touched = (block.changed ?? []).filter(({ leaf }) => leaf < restore.endLeaf);
  if (gone.length === 0 && touched.length === 0 && block.boundary === undefined) return restore;
  const newest = block.boundary ?? restore.newest;
  const all = [...restore.changed, ...touched];
  const changed = touched.length === 0 ? restore.changed : all.slice(-RESTORE_CHANGES_MAX);
  if (gone.length === 0) return { ...restore, newest, changed };
  const spent = new Map(restore.spent);
  for (const leaf of gone) spent.set(leaf, { height: block.height, timeMs: block.timeMs });
  return { ...restore, newest, spent, changed };
}

function finish(wallet: WalletState, restore: RestoreState): WalletState {
  if (!isRestoreComplete(restore)) return { ...wallet, restore };
  const settled = endClaims(settleAtEnd(wallet, restore.boundary!), restore.spent);
  const done = { ...settled, restore: undefined };
  return restore.newest === undefined ? done : openAgain(done, restore.newest);
}

function scanRange(
  wallet: WalletState,
  restore: RestoreState,
  event: Extract<RestoreEvent, { type: "restore-range-scanned" }>,
): WalletState {
  if (event.range >= restore.cursor || restore.done.has(event.range)) return wallet;
  const known = loseSpent(wallet, event.range, new Set(event.hits), event.boundary);
  const read = addRange(restore, { ...event, hits: event.hits.filter((leaf) => isToOpen(wallet, leaf)) });
  return finish(settleByInputs({ ...known, restore: read }, event.boundary), read);
}

/** Of a stake that is known already the state may have changed. */
function isToOpen({ notes }: WalletState, leaf: LeafIndex): boolean {
  const kept = notes.get(leaf);
  return kept === undefined || (kept.spent === undefined && isStakeNote(kept.note));
}

function addRange(
  restore: RestoreState,
  event: Extract<RestoreEvent, { type: "restore-range-scanned" }>,
): RestoreState {
  const { range, outputCount } = event;
  const done = new Set(restore.done).add(range);
  let { cursor } = restore;
  while (done.delete(cursor - 1)) cursor--;
  const known = new Set(restore.hits);
  // The last range also holds what the blocks above the boundary bring.
  const hits = event.hits.filter((leaf) => leaf < restore.endLeaf && !known.has(leaf));
  return {
    ...restore,
    cursor,
    done,
    outputsChecked: restore.outputsChecked + outputCount,
    hits: [...restore.hits, ...hits],
  };
}

function openBuckets(
  wallet: WalletState,
  restore: RestoreState,
  event: Extract<RestoreEvent, { type: "restore-buckets-opened" }>,
): WalletState {
  const { packets = [], from } = event;
  const wanted = (event.wanted ?? []).filter((coin) => !isStrangers(wallet, coin));
  const waiting = waitForPackets(restore, { buckets: new Set(event.buckets), wanted, packets, from });
  const { givenUp, ...waits } = waiting;
  const below = event.notes
    .filter(({ leaf }) => leaf < restore.endLeaf)
    .map((note) => (isStakeNote(note) ? followedStake(restore, note) : note));
  const found = below.filter(({ leaf }) => !wallet.notes.has(leaf));
  const notes = new Map<LeafIndex, KeptNote>(wallet.notes);
  for (const note of found) {
    notes.set(note.leaf, { sequence: notes.size, note, spent: spentBy(restore.spent.get(note.leaf)) });
  }
  const usedMax = found.reduce((max, note) => Math.max(max, note.addressIndex), wallet.addressUsedMax);
  const coinsFound = restore.coinsFound + found.filter((note) => note.amount > 0n).length;
  const next = {
    ...wallet,
    notes: found.length === 0 ? wallet.notes : notes,
    addressUsedMax: usedMax,
    unopened: addUnopened(
      wallet.unopened,
      givenUp.filter(({ leaf }) => !restore.spent.has(leaf)),
    ),
    // Whoever restores has shown the used addresses to somebody already (AD-7).
    addressIndex: found.length === 0 ? wallet.addressIndex : Math.max(wallet.addressIndex, usedMax + 1),
  };
  const { height, timeMs } = restore.boundary!;
  const settled = drawClaims(settleByOutputs(next, found, { height, timeMs }), found, { height, timeMs });
  const known = renewStakes(settled, below, { height, timeMs });
  return finish(known, { ...restore, ...waits, coinsFound });
}

/** What blocks above the boundary have done to it since. */
function followedStake({ changed }: RestoreState, note: StakeNote): StakeNote {
  return changed.filter(({ leaf }) => leaf === note.leaf).reduce(followStake, note);
}

/** Stakes that were known before the blocks were missed, as they are now. */
function renewStakes(wallet: WalletState, shown: readonly Note[], at: SpentAt): WalletState {
  let next = wallet;
  for (const note of shown) {
    const before = next.notes.get(note.leaf)?.note;
    if (before === note || before === undefined || !isStakeNote(before) || !isStakeNote(note)) continue;
    next = replaceStake(next, before, { ...before, amount: note.amount, stake: note.stake }, at).wallet;
  }
  return next;
}

function spentBy(at: SpentAt | undefined): KeptNote["spent"] {
  return at === undefined ? undefined : { ...at, txid: undefined };
}

/** What the newest boundary shows is not remembered any more, but for the ends of packets: no range tells us of those. */
function moveBoundary({ claims }: WalletState, restore: RestoreState): RestoreState {
  const { newest } = restore;
  if (newest === undefined) return restore;
  const spent = new Map([...restore.spent].filter(([leaf, at]) => at.height > newest.height || claims.has(leaf)));
  const changed = restore.changed.filter((change) => change.timeMs > newest.timeMs);
  return { ...restore, boundary: newest, newest: undefined, spent, changed };
}
