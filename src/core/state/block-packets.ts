import { equalBytes } from "../bytes/compare-bytes.ts";
import { ticketRootOf, type Claim } from "../chain/claim.ts";
import { unpaidSlots } from "../chain/packet-coins.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { TakeBack } from "../chain/take-back.ts";
import { outputsOf, type Transaction, type Transfer } from "../chain/transaction.ts";
import type { LeafReader } from "../ports/ledger-reader.ts";
import type { LeafIndex } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import { ClaimRoom } from "./claim-room.ts";
import { NO_PACKET_DRAWS, type PacketDraws } from "./draw-packets.ts";
import { claimFeeMin } from "./fees.ts";
import { compareUsed, usedBy, type PacketState } from "./leaf-state.ts";
import { nextHeight, recentBlockId, type LedgerTip } from "./ledger-tip.ts";
import { PACKETS_MAX, readPacket, type FoundPacket } from "./live-packets.ts";

/** Packets as a transaction is judged by them, and nothing taken. */
export type PacketsBehind = Pick<BlockPackets, "validate" | "packet">;

/** Of more packets than these none is remembered. */
const READ_PACKETS_MAX = 1_024;

/**
 * What was read of packets behind the newest tip. A pool judges claims one by one, thousands behind one tip: whoever
 * judges for it keeps one of these, so that each packet is read and decoded once.
 */
export class PacketReads {
  #tip: LedgerTip | undefined;
  #read = new Map<LeafIndex, FoundPacket | undefined>();

  /** Packets as this tip has them, which the reader must show. */
  behind(tip: LedgerTip, reader: LeafReader): PacketsBehind {
    if (this.#tip !== tip || this.#read.size >= READ_PACKETS_MAX) {
      this.#tip = tip;
      this.#read = new Map();
    }
    return new BlockPackets(tip, reader, NO_PACKET_DRAWS, this.#read);
  }
}

/** Packets as the transactions of a block see them, one after another, behind its draws; for a pool those of the tip. */
export class BlockPackets {
  readonly #tip: LedgerTip;
  readonly #reader: LeafReader;
  readonly #states: Map<LeafIndex, PacketState | undefined>;
  readonly #room = new ClaimRoom();
  /** Packets that were read: many claims name one. */
  readonly #read: Map<LeafIndex, FoundPacket | undefined>;
  #made = 0;

  constructor(
    tip: LedgerTip,
    reader: LeafReader,
    draws: Pick<PacketDraws, "states"> = NO_PACKET_DRAWS,
    read = new Map<LeafIndex, FoundPacket | undefined>(),
  ) {
    this.#read = read;
    this.#tip = tip;
    this.#reader = reader;
    this.#states = new Map(draws.states);
  }

  /** Packets that the draws and the transactions so far have changed; undefined: nothing is left of one. */
  get states(): ReadonlyMap<LeafIndex, PacketState | undefined> {
    return this.#states;
  }

  /**
   * The rules of packets that a transaction must keep here and now, but for work on a curve and for the work of RP-5:
   * RP-1 for new ones, RP-5 for claims, RP-7 for take-backs.
   */
  validate(transaction: Transaction): RuleResult {
    switch (transaction.kind) {
      case "transfer":
        return this.#validateOutputs(transaction);
      case "claim":
        return this.#validateClaim(transaction) ? RULE_KEPT : broken("RP-5");
      case "take-back":
        return this.#validateTakeBack(transaction) ? RULE_KEPT : broken("RP-7");
      default:
        return RULE_KEPT;
    }
  }

  /** Takes a valid one: what it claims or takes back is so for those behind it. */
  take(transaction: Transaction): void {
    if (transaction.kind === "transfer") this.#made += packetsOf(transaction).length;
    if (transaction.kind !== "claim" && transaction.kind !== "take-back") return;
    const { packetLeaf } = transaction;
    const { state } = this.packet(packetLeaf)!;
    const next = transaction.kind === "claim" ? this.#withClaim(state, transaction) : { ...state, isClosing: true };
    this.#states.set(packetLeaf, next);
    this.#room.take(transaction);
  }

  /** A live packet with its state behind what was taken so far; it is read and decoded once. */
  packet(leaf: LeafIndex): FoundPacket | undefined {
    const found = this.#read.has(leaf) ? this.#read.get(leaf) : readPacket(this.#reader, leaf);
    this.#read.set(leaf, found);
    if (found === undefined) return undefined;
    const state = this.#states.has(leaf) ? this.#states.get(leaf) : found.state;
    return state && { core: found.core, state };
  }

  /** The part of RP-1 that hangs on time, price and what else there is. */
  #validateOutputs(transfer: Transfer): RuleResult {
    const { chain, header, aux, packets } = this.#tip;
    const made = packetsOf(transfer);
    if (made.length === 0) return RULE_KEPT;
    const { packetMinMs, packetMaxMs } = chain.params;
    const feeMin = claimFeeMin(chain.params, aux.epoch);
    const areGood = made.every(({ claimFee, expiry }) => {
      const lifeMs = expiry - header.time;
      return claimFee >= feeMin && lifeMs >= packetMinMs && lifeMs <= packetMaxMs;
    });
    const isRoom = packets.count + this.#made + made.length <= PACKETS_MAX;
    return areGood && isRoom ? RULE_KEPT : broken("RP-1");
  }

  /** RP-5, cheap checks first. */
  #validateClaim(claim: Claim): boolean {
    if (!this.#room.isFor(claim)) return false;
    const packet = this.packet(claim.packetLeaf);
    if (packet === undefined) return false;
    const { core, state } = packet;
    if (state.isClosing || this.#tip.header.time >= core.expiry) return false;
    if (unpaidSlots(core, state.paidBitmap)!.length <= state.pending.length) return false;
    if (state.used.some(({ oneTimeKey }) => equalBytes(oneTimeKey, claim.oneTimeKey))) return false;
    return this.#passesGate(claim, core, state);
  }

  /** The claim and the packet are of one mode, and what the mode asks is there (RP-5); work is looked at elsewhere. */
  #passesGate({ gate }: Claim, { gate: asked }: PacketCore, { used }: PacketState): boolean {
    if (gate.mode !== asked.mode) return false;
    if (gate.mode === "chance") return recentBlockId(this.#tip, gate.refHeight) !== undefined;
    if (gate.mode === "open" || asked.mode !== "ticket") return true;
    const { ticketKey } = gate.ticket;
    if (used.some((each) => equalBytes(each.ticketKey, ticketKey))) return false;
    return equalBytes(ticketRootOf(gate.ticket), asked.ticketRoot);
  }

  /** RP-7: once, and while there is something to take. */
  #validateTakeBack(takeBack: TakeBack): boolean {
    const packet = this.packet(takeBack.packetLeaf);
    return this.#room.isFor(takeBack) && packet !== undefined && !packet.state.isClosing;
  }

  #withClaim(state: PacketState, claim: Claim): PacketState {
    const used = [...state.used, usedBy(claim)].sort(compareUsed);
    return { ...state, used, pending: [...state.pending, { height: nextHeight(this.#tip), claim }] };
  }
}

function packetsOf(transfer: Transfer): readonly PacketCore[] {
  return outputsOf(transfer).flatMap(({ core }) => (core.type === "packet" ? [core] : []));
}
