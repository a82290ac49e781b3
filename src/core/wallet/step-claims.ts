import { equalBytes } from "../bytes/compare-bytes.ts";
import { decodeClaim } from "../chain/claim.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { PacketState } from "../state/leaf-state.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { BuiltClaim, ClaimTarget } from "./build-claim.ts";
import type { KeptNote, Note } from "./note.ts";
import { isOpenClaim, type ClaimState, type PacketClaim } from "./packet-claim.ts";
import { isUnreadFrom } from "./restore-state.ts";
import type { ScannedBlock } from "./scanned-block.ts";
import type { WalletState } from "./wallet-state.ts";

/** A packet as the tree at a certified height has it (BL-15). */
export interface SeenPacket {
  readonly packetLeaf: LeafIndex;
  readonly height: Height;
  /** Of that block. */
  readonly timeMs: TimeMs;
  /** undefined: it is gone. */
  readonly state: PacketState | undefined;
}

export type ClaimEvent =
  /** Signed, and not sent yet: from here on a restart goes on with the same bytes. */
  | {
      readonly type: "claim-built";
      readonly target: ClaimTarget;
      readonly built: BuiltClaim;
      readonly nowMs: TimeMs;
    }
  /** A node took it. */
  | { readonly type: "claim-sent"; readonly txid: Hash }
  | { readonly type: "packet-seen"; readonly seen: SeenPacket; readonly claimRefWindow: number };

export type ClaimEffect =
  | { readonly type: "claim-stored"; readonly claim: PacketClaim }
  | { readonly type: "claim-rejected"; readonly packetLeaf: LeafIndex; readonly code: ClaimRejection }
  | { readonly type: "claim-settled"; readonly claim: PacketClaim };

export type ClaimRejection =
  | "already_claimed" // one link gives one share: the first claim stands, whatever became of it
  | "restoring"; // nobody knows yet whether this wallet has its share

type Stepped = readonly [WalletState, readonly ClaimEffect[]];

/** What becomes of claims but for what blocks say, which is {@link settleClaims}. */
export function stepClaims(wallet: WalletState, event: ClaimEvent): Stepped {
  switch (event.type) {
    case "claim-built":
      return storeClaim(wallet, event);
    case "claim-sent": {
      const claim = [...wallet.claims.values()].find(({ txid }) => equalBytes(txid, event.txid));
      return claim?.state === "made" ? [replaceClaim(wallet, { ...claim, state: "sent" }), []] : [wallet, []];
    }
    case "packet-seen":
      return seePacket(wallet, event.seen, event.claimRefWindow);
    default:
      return event satisfies never;
  }
}

/**
 * Why this wallet may not claim from a packet; undefined where it may. A refused claim can never enter a block, so another
 * may stand in its place; every other keeps it. A restore, or another device of the same words, leaves the share alone to
 * tell of a claim.
 */
export function rejectClaim(wallet: WalletState, packetLeaf: LeafIndex): ClaimRejection | undefined {
  const { claims, notes, restore, unopened } = wallet;
  const before = claims.get(packetLeaf);
  if (before !== undefined && before.state !== "refused") return "already_claimed";
  const isOurs = ({ note: { packet } }: KeptNote): boolean => {
    return packet?.type === "share" && packet.packetLeaf === packetLeaf;
  };
  if ([...notes.values()].some(isOurs)) return "already_claimed";
  const isUnknown = restore !== undefined && isUnreadFrom(restore, packetLeaf);
  return isUnknown || [...unopened.values()].includes(packetLeaf) ? "restoring" : undefined;
}

function storeClaim(wallet: WalletState, event: Extract<ClaimEvent, { type: "claim-built" }>): Stepped {
  const { target, built, nowMs } = event;
  const { packetLeaf } = target;
  const code = rejectClaim(wallet, packetLeaf);
  if (code !== undefined) return [wallet, [{ type: "claim-rejected", packetLeaf, code }]];
  const before = wallet.claims.get(packetLeaf);
  const { oneTimeKey, ephemeralKey, gate } = decodeClaim(built.bytes);
  const claim: PacketClaim = {
    packetLeaf,
    sequence: before?.sequence ?? wallet.claims.size,
    createdMs: nowMs,
    core: target.core,
    linkSecret: target.linkSecret,
    hasPassword: target.guardedSecret !== undefined,
    txid: built.txid,
    oneTimeKey,
    ephemeralKey,
    refHeight: gate.mode === "chance" ? gate.refHeight : undefined,
    ticketKey: gate.mode === "ticket" ? gate.ticket.ticketKey : undefined,
    state: "made",
    refusal: undefined,
    share: undefined,
    settled: undefined,
    transaction: built.bytes,
  };
  return [replaceClaim(wallet, claim), [{ type: "claim-stored", claim }]];
}

function replaceClaim(wallet: WalletState, claim: PacketClaim): WalletState {
  return { ...wallet, claims: new Map(wallet.claims).set(claim.packetLeaf, claim) };
}

function seePacket(wallet: WalletState, seen: SeenPacket, claimRefWindow: number): Stepped {
  const claim = wallet.claims.get(seen.packetLeaf);
  if (claim === undefined || !isOpenClaim(claim)) return [wallet, []];
  // Its share may be in a range that is still to be read.
  if (wallet.restore !== undefined) return [wallet, []];
  const judged = judgeClaim(claim, seen, claimRefWindow);
  // A share drawn up to there is among the blocks that are still to be scanned: the packet alone would say it is lost.
  const isScanned = wallet.scanned !== undefined && wallet.scanned.height >= seen.height;
  if (judged.state === claim.state || (!isOpenClaim(judged) && !isScanned)) return [wallet, []];
  return [replaceClaim(wallet, judged), isOpenClaim(judged) ? [] : [{ type: "claim-settled", claim: judged }]];
}

/** What a state of its packet says of a claim whose share was not found (RP-5, RP-6). */
function judgeClaim(claim: PacketClaim, seen: SeenPacket, claimRefWindow: number): PacketClaim {
  const { state, height } = seen;
  const { core, oneTimeKey, ticketKey, refHeight } = claim;
  if (state === undefined) return settle(claim, overState(core, seen.timeMs), seen);
  if (state.used.some((each) => equalBytes(each.oneTimeKey, oneTimeKey))) {
    return claim.state === "pending" ? claim : { ...claim, state: "pending" };
  }
  if (ticketKey !== undefined && state.used.some((each) => equalBytes(each.ticketKey, ticketKey))) {
    return { ...settle(claim, "refused", seen), refusal: "ticket_used" };
  }
  if (state.isClosing || seen.timeMs >= core.expiry) return settle(claim, "expired", seen);
  if (state.used.length >= core.shares.length) return settle(claim, "empty", seen);
  // RP-5: a block at `height + 1` takes work for `height + 1 − window` at the earliest.
  if (refHeight !== undefined && refHeight <= height - claimRefWindow) {
    return { ...settle(claim, "refused", seen), refusal: "work_stale" };
  }
  return claim;
}

/** A packet that is gone was paid out or refunded; before its expiry the first is meant, or a creator who took it back. */
const overState = ({ expiry }: PacketCore, nowMs: TimeMs): ClaimState => (nowMs >= expiry ? "expired" : "empty");

function settle(claim: PacketClaim, state: ClaimState, { height, timeMs }: Place): PacketClaim {
  return { ...claim, state, settled: { height, timeMs }, transaction: undefined };
}

/**
 * What a block says: a share of ours, whatever its claim was taken for before, or the end of a packet that had none for
 * us. RP-7 lets no packet end while a claim waits, so its end is the end of every claim. While a restore runs the share may
 * be below its boundary: then the end of a packet counts once all is read ({@link endClaims}).
 */
export function settleClaims(wallet: WalletState, block: ScannedBlock): Stepped {
  if (wallet.claims.size === 0) return [wallet, []];
  const first = wallet.restore?.endLeaf ?? 0;
  const ended = block.spent.filter((leaf) => leaf >= first);
  const next = endClaims(drawClaims(wallet, block.notes, block), new Map(ended.map((leaf) => [leaf, block])));
  return [next, settledSince(wallet, next)];
}

type Place = Pick<ScannedBlock, "height" | "timeMs">;

/** Shares of ours that were found, in a block or in the state. */
export function drawClaims(wallet: WalletState, notes: readonly Note[], at: Place): WalletState {
  if (wallet.claims.size === 0) return wallet;
  let next = wallet;
  for (const { leaf, amount, ephemeralKey, packet } of notes) {
    if (packet?.type !== "share") continue;
    const before = next.claims.get(packet.packetLeaf);
    if (before === undefined || before.state === "drawn" || !equalBytes(before.ephemeralKey, ephemeralKey)) continue;
    const share = { leaf, slot: packet.slot, amount };
    next = replaceClaim(next, { ...settle(before, "drawn", at), refusal: undefined, share });
  }
  return next;
}

/** Packets that have ended, each where it has: whoever still claims from one has no share of it. */
export function endClaims(wallet: WalletState, ended: ReadonlyMap<LeafIndex, Place>): WalletState {
  let next = wallet;
  for (const claim of wallet.claims.values()) {
    const at = ended.get(claim.packetLeaf);
    if (at === undefined || !isOpenClaim(claim)) continue;
    next = replaceClaim(next, settle(claim, overState(claim.core, at.timeMs), at));
  }
  return next;
}

/** Claims that are settled now and were not, or otherwise, before. */
export function settledSince(before: WalletState, after: WalletState): readonly ClaimEffect[] {
  if (before.claims === after.claims) return [];
  const changed = [...after.claims.values()].filter((claim) => {
    return !isOpenClaim(claim) && before.claims.get(claim.packetLeaf) !== claim;
  });
  return changed.map((claim) => ({ type: "claim-settled", claim }));
}
