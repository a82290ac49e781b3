import type { Claim, ClaimGate, UnsignedClaim } from "../../src/core/chain/claim.ts";
import { claimHash } from "../../src/core/chain/claim.ts";
import { outputHash, type Output } from "../../src/core/chain/output.ts";
import {
  packetProofSize,
  type PacketCore,
  type PacketGate,
  type PacketOutput,
} from "../../src/core/chain/packet-output.ts";
import type { TakeBack } from "../../src/core/chain/take-back.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { merkleRoot } from "../../src/core/crypto/merkle.ts";
import { meetsPacketWork } from "../../src/core/crypto/packet-work.ts";
import { proveRange } from "../../src/core/crypto/range-proof-prover.ts";
import { addScalars, ZERO_SCALAR, type Scalar } from "../../src/core/crypto/scalar.ts";
import { schnorrPublicKey, schnorrSign } from "../../src/core/crypto/schnorr.ts";
import { hashToScalar, sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import {
  buildShares,
  derivePacketSecret,
  deriveShareBlinding,
  packetRangeWitness,
} from "../../src/core/red-packet/packet-secrets.ts";
import { recentBlockId } from "../../src/core/state/ledger-tip.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex, timeMs, type LeafIndex } from "../../src/core/values/height.ts";
import type { LedgerBuilder, TestCoin, TestTransfer } from "./ledger-builder.ts";
import { testCurve as curve } from "./test-curve.ts";

/** What f_claim is by default: the least at the least multiplier. */
export const CLAIM_FEE = 10_000n;
/** How long a packet lives by default: a minute is in the range of the dev network. */
export const PACKET_LIFE_MS = 60_000;

/** A packet that a transfer can make. */
export interface MadePacket {
  readonly coin: TestCoin & { readonly output: PacketOutput };
  readonly core: PacketCore;
  /** Of the link. */
  readonly packetSecret: Scalar;
  readonly refundSecret: Scalar;
  readonly linkSecret: Uint8Array;
  readonly amounts: readonly bigint[];
  /** t_i, of mode 2. */
  readonly tickets: readonly Scalar[];
}

/** A live packet. */
export interface TestPacket extends MadePacket {
  readonly leaf: LeafIndex;
}

export interface PacketOptions {
  readonly gate?: PacketGate;
  /** Two tickets, which make the gate. */
  readonly withTickets?: boolean;
  readonly claimFee?: bigint;
  readonly lifeMs?: number;
  readonly change?: Partial<PacketCore>;
}

export interface ClaimOptions {
  /** Of the coin. */
  readonly ownerSecret?: Scalar;
  /** Which ticket, in mode 2. */
  readonly ticket?: number;
  readonly gate?: ClaimGate;
  readonly change?: Partial<UnsignedClaim>;
}

/** Packets and claims over a ledger of the tests. */
export class PacketBuilder {
  readonly #ledger: LedgerBuilder;

  constructor(ledger: LedgerBuilder) {
    this.#ledger = ledger;
  }

  secret(): Scalar {
    return hashToScalar(curve, "test/secret", this.#ledger.random.bytes(32));
  }

  make(amounts: readonly bigint[], options: PacketOptions = {}): MadePacket {
    const { random, tip, proofs } = this.#ledger;
    const linkSecret = random.bytes(16);
    const [packetSecret, refundSecret] = [derivePacketSecret(curve, linkSecret), this.secret()];
    const tickets = options.withTickets === true ? [this.secret(), this.secret()] : [];
    const ticketRoot = merkleRoot(tickets.map((each) => schnorrPublicKey(curve, each)));
    const gate: PacketGate = options.withTickets === true ? { mode: "ticket", ticketRoot } : { mode: "open" };
    const claimFee = amount(options.claimFee ?? CLAIM_FEE);
    const micro = amounts.map(amount);
    const keys = {
      refundKey: schnorrPublicKey(curve, refundSecret),
      packetKey: schnorrPublicKey(curve, packetSecret),
      ephemeralKey: this.#ledger.ephemeralKey(),
    };
    const body = {
      type: "packet" as const,
      ...keys,
      viewTag: random.bytes(2),
      gate: options.gate ?? gate,
      claimFee,
      expiry: timeMs(tip.header.time + (options.lifeMs ?? PACKET_LIFE_MS)),
      greeting: random.bytes(160),
      shares: buildShares(curve, linkSecret, micro),
      ...options.change,
    };
    const rangeProof = proofs
      ? proveRange(curve, packetRangeWitness(curve, tip.chain.chainId, keys, linkSecret, micro), random).proof
      : random.bytes(packetProofSize(body));
    const core: PacketCore = { ...body, rangeProofHash: sha256Hash(rangeProof) };
    const output: PacketOutput = { core, rangeProof };
    const blinding = amounts.reduce<Scalar>(
      (sum, _, slot) => addScalars(sum, deriveShareBlinding(curve, linkSecret, slot)),
      ZERO_SCALAR,
    );
    const total = amounts.reduce((sum, each) => sum + each, claimFee * BigInt(amounts.length));
    const coin = { output, amount: total, blinding, secret: refundSecret };
    return { coin, core, packetSecret, refundSecret, linkSecret, amounts, tickets };
  }

  /** A transfer of one note into these packets and change. */
  transfer(packets: readonly MadePacket[], spends = this.#ledger.take(1)): TestTransfer {
    const coins = packets.map(({ coin }) => coin);
    const change = { core: { type: "coin" } } as Output;
    const fee = this.#ledger.fee([...coins.map(({ output }) => output), change], spends.length);
    const given = spends.reduce((sum, note) => sum + note.amount, 0n);
    const packed = coins.reduce((sum, coin) => sum + coin.amount, 0n);
    return this.#ledger.transferInto(spends, [...coins, this.#ledger.coin(given - packed - fee)], { fee });
  }

  /** Makes them in one block. */
  pack(...packets: readonly MadePacket[]): readonly TestPacket[] {
    this.#ledger.extend([this.transfer(packets)]);
    return this.live(packets);
  }

  /** Those of the packets that the newest block made, and no notes of ours. */
  live(packets: readonly MadePacket[]): readonly TestPacket[] {
    const { notes } = this.#ledger;
    this.#ledger.notes = notes.filter(({ output }) => output.core.type !== "packet");
    return packets.map((packet) => {
      const hash = outputHash(packet.core);
      const note = notes.find(({ output }) => equalBytes(outputHash(output.core), hash));
      if (note === undefined) throw new Error("the packet was not made");
      return { ...packet, leaf: note.leaf };
    });
  }

  claim(packet: TestPacket, options: ClaimOptions = {}): Claim {
    const owner = options.ownerSecret ?? this.secret();
    const { random, tip } = this.#ledger;
    const oneTimeKey = schnorrPublicKey(curve, owner);
    const gate = options.gate ?? this.#gateOf(packet, oneTimeKey, options.ticket ?? 0);
    const unsigned: UnsignedClaim = {
      kind: "claim",
      chainId: tip.chain.chainId,
      packetLeaf: packet.leaf,
      gate,
      oneTimeKey,
      ephemeralKey: this.#ledger.ephemeralKey(),
      viewTag: random.bytes(2),
      payloadTag: random.bytes(16),
      anchorEnc: random.bytes(16),
      ...options.change,
    };
    const message = claimHash(unsigned);
    const sign = (secret: Scalar): Uint8Array => schnorrSign(curve, secret, message, random.bytes(32));
    const ticket = packet.tickets[options.ticket ?? 0] ?? owner;
    return {
      ...unsigned,
      ticketSignature: unsigned.gate.mode === "ticket" ? sign(ticket) : undefined,
      packetSignature: sign(packet.packetSecret),
      ownerSignature: sign(owner),
    };
  }

  takeBack(packet: TestPacket, secret = packet.refundSecret): TakeBack {
    const { chainId } = this.#ledger.tip.chain;
    const unsigned = { kind: "take-back", chainId, packetLeaf: packet.leaf } as const;
    const signature = schnorrSign(curve, secret, transactionId(unsigned), this.#ledger.random.bytes(32));
    return { ...unsigned, signature };
  }

  #gateOf(packet: TestPacket, oneTimeKey: Uint8Array, ticket: number): ClaimGate {
    const { gate } = packet.core;
    switch (gate.mode) {
      case "open":
        return { mode: "open" };
      case "chance":
        return { mode: "chance", ...this.#work(packet, oneTimeKey, gate.powBits) };
      case "ticket": {
        const keys = packet.tickets.map((each) => schnorrPublicKey(curve, each));
        const path = [merkleRoot([keys[1 - ticket]!])];
        return { mode: "ticket", ticket: { index: ticket, ticketKey: keys[ticket]!, path } };
      }
      default:
        return gate satisfies never;
    }
  }

  #work({ leaf, core }: TestPacket, oneTimeKey: Uint8Array, powBits: number) {
    const { tip } = this.#ledger;
    const refHeight = tip.header.height;
    const attempt = { packetLeaf: leaf, blockId: recentBlockId(tip, refHeight)!, oneTimeKey };
    for (let powNonce = 0n; ; powNonce++) {
      if (meetsPacketWork({ ...attempt, nonce: powNonce }, core.packetKey, powBits)) return { refHeight, powNonce };
    }
  }
}

/** Any leaf that no output has. */
export const NO_LEAF = leafIndex(1_000_000);
