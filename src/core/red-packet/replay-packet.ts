import { equalBytes } from "../bytes/compare-bytes.ts";
import { claimHash, type Claim } from "../chain/claim.ts";
import type { CompactBlock } from "../chain/compact-block.ts";
import { blockId, type Header } from "../chain/header.ts";
import { outputHash } from "../chain/output.ts";
import { drawnCoin, refundCoin, unpaidSlots } from "../chain/packet-coins.ts";
import { drawSlots, paidAfter } from "../chain/packet-draw.ts";
import type { PacketOutput } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { DRAW_DELAY_BLOCKS } from "../state/draw-packets.ts";
import { compareUsed, NEW_PACKET, packetStateHash, usedBy, type PacketState } from "../state/leaf-state.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";
import { checkAssignment, checkPacket, type DrawCheck, type DrawEvidence, type DrawReport } from "./check-draw.ts";
import { isMadeIn, isOf, stateAfter } from "./shown-packet.ts";

/** A block in which something came of a packet, or which a draw of it hangs on. */
export interface PacketBlock {
  readonly header: Header;
  readonly compact: CompactBlock;
  /** The one whose id the header names; undefined: nobody has shown it. Whether a packet has expired is its time's to say. */
  readonly parent: Header | undefined;
  /** BLS key of its proposer; undefined: nobody has shown the set. */
  readonly proposerKey: Uint8Array | undefined;
  /** Of all its transactions, in order; undefined where nobody has the block any more. */
  readonly transactionIds: readonly Hash[] | undefined;
  /** On this packet, in block order. */
  readonly claims: readonly Claim[];
  /** Its creator takes it back here. */
  readonly hasTakeBack: boolean;
}

/** What is said to have come of a packet. Whoever asks has certified the headers (LC-1). */
export interface PacketHistory {
  readonly packet: PacketOutput;
  readonly packetLeaf: LeafIndex;
  readonly made: Pick<PacketBlock, "header" | "compact">;
  /** Ascending; with h, h + 1 and h + 2 for each h that took claims, as far as they are made. */
  readonly blocks: readonly PacketBlock[];
  readonly link: DrawEvidence["link"];
}

/** What holds of a whole life: the checks of 9.6, each over all draws, and what no single draw tells. */
export type LifeCheck =
  | "packet_made" // by this block, with these shares, under its compact_root
  | "history_whole" // every state that the blocks name is the one that follows, so nothing was left out
  | "rest_returned" // RP-7: the coin that goes back holds exactly the shares that nobody got
  | DrawCheck;

/** A share that somebody got. */
export interface OpenedSlot {
  readonly slot: number;
  /** Of the block that took the claim; two later it was drawn. */
  readonly claimedAt: Height;
  readonly claim: Claim;
}

export interface PacketReplay {
  /** undefined: it has ended. */
  readonly state: PacketState | undefined;
  /** In the order of their draws. */
  readonly opened: readonly OpenedSlot[];
  /** Shares that went back; undefined as long as none did. */
  readonly returned: number | undefined;
  readonly checks: readonly { readonly check: LifeCheck; readonly held: boolean | undefined }[];
  /** What the shares come to; undefined without the link. */
  readonly total: bigint | undefined;
}

/** A packet on its way through the blocks. */
interface Life {
  readonly state: PacketState | undefined;
  readonly opened: readonly OpenedSlot[];
  readonly returned: number | undefined;
  readonly isWhole: boolean | undefined;
  readonly isRestReturned: boolean | undefined;
  readonly draws: readonly DrawReport["checks"][];
}

/**
 * Lives a packet again from the block that made it (RP-5 to RP-7) and compares each state with the one that the blocks
 * name. A claim, draw or end that was left out shows in the next state, since it names all claims there were.
 */
export function replayPacket(
  curve: CurveBackend,
  bls: Pick<BlsBackend, "verify"> | undefined,
  history: PacketHistory,
): PacketReplay {
  const { packet, packetLeaf, made, link } = history;
  const isMade = isOf(made.compact, made.header) && isMadeIn(packet, packetLeaf, made.compact);
  const shares = checkPacket(curve, made.header.chainId, packet, link);
  const start: Life = {
    state: NEW_PACKET,
    opened: [],
    returned: undefined,
    isWhole: isMade && areAscending(history),
    isRestReturned: undefined,
    draws: [],
  };
  const life = history.blocks.reduce((sofar, block) => pass(curve, bls, history, sofar, block), start);
  const ofDraws = life.draws[0]?.map(({ check }) => ({ check, held: heldInAll(life.draws, check) })) ?? [];
  return {
    state: life.state,
    opened: life.opened,
    returned: life.returned,
    total: shares.total,
    checks: [
      { check: "packet_made", held: isMade },
      ...shares.checks,
      ...ofDraws,
      { check: "history_whole", held: life.isWhole },
      ...(life.returned === undefined ? [] : [{ check: "rest_returned" as const, held: life.isRestReturned }]),
    ],
  };
}

function areAscending({ made, blocks }: PacketHistory): boolean {
  const heights = [made.header.height, ...blocks.map(({ header }) => header.height)];
  return heights.every((each, index) => index === 0 || heights[index - 1]! < each);
}

/** One block: draws or the refund first, then what its transactions do. */
function pass(
  curve: CurveBackend,
  bls: Pick<BlsBackend, "verify"> | undefined,
  history: PacketHistory,
  life: Life,
  block: PacketBlock,
): Life {
  const { packet, packetLeaf } = history;
  const { header, compact } = block;
  const isGone = compact.spent.includes(packetLeaf);
  const isOwn = isOf(compact, header);
  if (life.state === undefined) {
    const isQuiet = !isGone && stateAfter(compact, packetLeaf) === undefined;
    return { ...life, isWhole: allHeld([life.isWhole, isOwn && isQuiet && block.claims.length === 0]) };
  }
  const { state: before } = life;
  const due = before.pending.filter(({ height }) => height + DRAW_DELAY_BLOCKS <= header.height);
  const drawn = drawDue(packet, packetLeaf, before, due, header);
  if (drawn === undefined) return { ...life, isWhole: false };
  const isEmpty = unpaidSlots(packet.core, drawn.state.paidBitmap)!.length === 0;
  const isReturned = isGone && !isEmpty;
  const after = isGone ? undefined : withTransactions(drawn.state, block);
  const draw = due.length === 0 ? undefined : evidenceOf(history, block, before, after, drawn.coins);
  const named = stateAfter(compact, packetLeaf);
  const isNamed = after !== undefined && packetStateHash(after);
  const isTouched = due.length > 0 || block.claims.length > 0 || block.hasTakeBack;
  const follows = isNamed === false ? named === undefined : isTouched ? isSame(named, isNamed) : named === undefined;
  const isSound = isOwn && follows && (!isEmpty || isGone);
  return {
    state: after,
    opened: [...life.opened, ...drawn.opened],
    returned: isReturned ? unpaidSlots(packet.core, drawn.state.paidBitmap)!.length : life.returned,
    isWhole: allHeld([life.isWhole, isSound && (isReturned ? mayReturn(packet, before, drawn.state, block) : true)]),
    isRestReturned: isReturned
      ? hasEntry(compact, outputHash(refundCoin(curve, packet.core, packetLeaf, drawn.state.paidBitmap)))
      : life.isRestReturned,
    draws: draw === undefined ? life.draws : [...life.draws, checkAssignment(curve, bls, draw)],
  };
}

/** RP-7: closed by an earlier block, or expired by the parent's time; undefined where nobody has shown the parent. */
function mayReturn(
  { core }: PacketOutput,
  before: PacketState,
  drawn: PacketState,
  { header, parent }: PacketBlock,
): boolean | undefined {
  if (drawn.pending.length > 0) return false;
  if (before.isClosing) return true;
  // A block is later than its parent.
  if (header.time < core.expiry) return false;
  return parent && equalBytes(blockId(parent), header.prev) && parent.time >= core.expiry;
}

interface DueDraw {
  readonly state: PacketState;
  readonly opened: readonly OpenedSlot[];
  /** out_hash of each coin, in draw order. */
  readonly coins: readonly Hash[];
}

/** RP-6; undefined where the history cannot be right: blocks that are missing, or more claims than shares. */
function drawDue(
  packet: PacketOutput,
  packetLeaf: LeafIndex,
  state: PacketState,
  due: PacketState["pending"],
  { height, beacon }: Header,
): DueDraw | undefined {
  const unpaid = unpaidSlots(packet.core, state.paidBitmap);
  const isLate = due.some((each) => each.height + DRAW_DELAY_BLOCKS !== height);
  if (isLate || unpaid === undefined || unpaid.length < due.length) return undefined;
  const slots = drawSlots(
    beacon,
    due.map(({ claim }) => claimHash(claim)),
    unpaid,
  );
  const opened = slots.map(({ place, slot }) => ({ slot, claimedAt: due[place]!.height, claim: due[place]!.claim }));
  return {
    opened,
    coins: opened.map(({ claim, slot }) => outputHash(drawnCoin(packet.core, packetLeaf, claim, slot))),
    state: {
      ...state,
      paidBitmap: paidAfter(state.paidBitmap, slots),
      pending: state.pending.filter((each) => !due.includes(each)),
    },
  };
}

/** RP-5, RP-7: what the transactions of a block leave. */
function withTransactions(state: PacketState, { header, claims, hasTakeBack }: PacketBlock): PacketState {
  return {
    paidBitmap: state.paidBitmap,
    isClosing: state.isClosing || hasTakeBack,
    used: [...state.used, ...claims.map(usedBy)].sort(compareUsed),
    pending: [...state.pending, ...claims.map((claim) => ({ height: header.height, claim }))],
  };
}

/** undefined where the blocks of the draw are not all there: the history is not whole then. */
function evidenceOf(
  { packet, packetLeaf, made, blocks }: PacketHistory,
  drawing: PacketBlock,
  before: PacketState,
  after: PacketState | undefined,
  coins: readonly Hash[],
): Omit<DrawEvidence, "link"> | undefined {
  const at = (below: number): PacketBlock | undefined =>
    blocks.find(({ header }) => header.height === drawing.header.height - below);
  const [taking, middle] = [at(2), at(1)];
  if (taking === undefined || middle === undefined) return undefined;
  const start = drawing.compact.entries.findIndex((entry) => equalBytes(entry.outputHash, coins[0]!));
  const run = start < 0 ? [] : drawing.compact.entries.slice(start, start + coins.length);
  return {
    packet,
    packetLeaf,
    packetHeight: made.header.height,
    headers: [taking.header, middle.header, drawing.header],
    proposerKey: drawing.proposerKey,
    transactionIds: taking.transactionIds,
    before: { state: before, proof: undefined },
    after: { state: after, proof: undefined },
    compact: { made, blocks: [taking.compact, middle.compact, drawing.compact] },
    drawn: run.map((entry) => entry.outputHash),
  };
}

function heldInAll(draws: readonly DrawReport["checks"][], check: DrawCheck): boolean | undefined {
  return allHeld(draws.map((each) => each.find((one) => one.check === check)?.held));
}

/** False where one says so, undefined where one cannot tell. */
function allHeld(all: readonly (boolean | undefined)[]): boolean | undefined {
  if (all.includes(false)) return false;
  return all.includes(undefined) ? undefined : true;
}

const isSame = (left: Hash | undefined, right: Hash): boolean => left !== undefined && equalBytes(left, right);

const hasEntry = ({ entries }: CompactBlock, hash: Hash): boolean =>
  entries.some((entry) => equalBytes(entry.outputHash, hash));
