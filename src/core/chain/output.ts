import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32, sha256Hash } from "../crypto/tagged-hash.ts";
import { BLS_KEY_SIZE, BLS_SIGNATURE_SIZE, COIN_PROOF_SIZE, PAYLOAD_SIZE } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { AddressKeys } from "../values/address.ts";
import { hash, type Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import {
  encodePacketCore,
  encodePacketOutput,
  PACKET_OUTPUT_TYPE,
  packetWeight,
  readPacketCore,
  readPacketOutput,
  writePacketCore,
  type PacketCore,
  type PacketOutput,
} from "./packet-output.ts";

/** Type byte of each output on the wire (2.1). Type 4 (swap) arrives with its feature. */
export const OUTPUT_TYPE = { coin: 0, public: 1, stake: 2, packet: PACKET_OUTPUT_TYPE, drawn: 5 } as const;

/** Fields every coin-like output has: what a scanner needs and nothing more (2.2, 2.3). */
export interface CoinFields {
  /** P, ristretto255. */
  readonly oneTimeKey: Uint8Array;
  /** C, Pedersen commitment. */
  readonly commitment: Uint8Array;
  /** D, X25519 u-coordinate. */
  readonly ephemeralKey: Uint8Array;
  /** 8 bytes. */
  readonly amountEnc: Uint8Array;
  /** 16 bytes. */
  readonly anchorEnc: Uint8Array;
  /** 2 bytes. */
  readonly viewTag: Uint8Array;
  /** 16 bytes. */
  readonly payloadTag: Uint8Array;
}

/** Type 0: every private payment, change and message. 203 bytes as core. */
export interface CoinCore extends CoinFields {
  readonly type: "coin";
  readonly payloadHash: Hash;
  readonly rangeProofHash: Hash;
}

/** Type 1: recipient and amount in clear (PU-1). 187 bytes. */
export interface PublicCore {
  readonly type: "public";
  readonly oneTimeKey: Uint8Array;
  readonly amount: Amount;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  readonly recipient: AddressKeys;
  /** 16 bytes. */
  readonly anchor: Uint8Array;
  /** 32 free bytes: an invoice number. */
  readonly reference: Uint8Array;
}

/** Type 2: locked coins of a validator (ST-1). 283 bytes. */
export interface StakeCore {
  readonly type: "stake";
  readonly oneTimeKey: Uint8Array;
  readonly amount: Amount;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  readonly blsKey: Uint8Array;
  readonly possessionProof: Uint8Array;
  readonly reward: AddressKeys;
}

/** Type 5: a coin that the state machine draws from a packet; never in a transaction (OU-3). 145 bytes. */
export interface DrawnCore extends CoinFields {
  readonly type: "drawn";
  readonly packetLeaf: LeafIndex;
  /** 255 means the refund. */
  readonly slot: number;
}

/** What is hashed, kept while unspent and served: everything but payload and range proof. */
export type OutputCore = CoinCore | PublicCore | StakeCore | PacketCore | DrawnCore;

/** A coin as it stands in a transaction, with payload and range proof. */
export interface CoinOutput {
  readonly core: CoinCore;
  readonly payload: Uint8Array;
  readonly rangeProof: Uint8Array;
}

/** What hides amounts of its own, and so proves that they are amounts (TX-3). */
export type ProvenOutput = CoinOutput | PacketOutput;

/** A core with the large parts of coins and packets, as it travels inside a transaction. */
export type Output = ProvenOutput | { readonly core: PublicCore | StakeCore };

/** Is this output a coin with its payload and proof? */
export function isCoinOutput(output: { readonly core: OutputCore }): output is CoinOutput {
  return output.core.type === "coin";
}

/** Does it come with a range proof? */
export function isProvenOutput(output: { readonly core: OutputCore }): output is ProvenOutput {
  return output.core.type === "coin" || output.core.type === "packet";
}

/** P of 2.1: the key that its owner signs under; of a packet P_refund. */
export function oneTimeKeyOf(core: OutputCore): Uint8Array {
  return core.type === "packet" ? core.refundKey : core.oneTimeKey;
}

function readAmount(reader: Reader): Amount {
  const value = reader.u64();
  if (!isAmount(value)) throw new DecodeError("amount of 2^53 or more");
  return amount(value);
}

function readAddressKeys(reader: Reader): AddressKeys {
  return { spendKey: reader.bytes(32), viewKey: reader.bytes(32) };
}

function readCoinFields(reader: Reader): CoinFields {
  return {
    oneTimeKey: reader.bytes(32),
    commitment: reader.bytes(32),
    ephemeralKey: reader.bytes(32),
    amountEnc: reader.bytes(8),
    anchorEnc: reader.bytes(16),
    viewTag: reader.bytes(2),
    payloadTag: reader.bytes(16),
  };
}

function writeCoinFields(writer: Writer, core: CoinFields): void {
  writer.fixed(core.oneTimeKey, 32).fixed(core.commitment, 32).fixed(core.ephemeralKey, 32);
  writer.fixed(core.amountEnc, 8).fixed(core.anchorEnc, 16).fixed(core.viewTag, 2).fixed(core.payloadTag, 16);
}

function readPublic(reader: Reader): PublicCore {
  return {
    type: "public",
    oneTimeKey: reader.bytes(32),
    amount: readAmount(reader),
    ephemeralKey: reader.bytes(32),
    viewTag: reader.bytes(2),
    recipient: readAddressKeys(reader),
    anchor: reader.bytes(16),
    reference: reader.bytes(32),
  };
}

function readStake(reader: Reader): StakeCore {
  return {
    type: "stake",
    oneTimeKey: reader.bytes(32),
    amount: readAmount(reader),
    ephemeralKey: reader.bytes(32),
    viewTag: reader.bytes(2),
    blsKey: reader.bytes(BLS_KEY_SIZE),
    possessionProof: reader.bytes(BLS_SIGNATURE_SIZE),
    reward: readAddressKeys(reader),
  };
}

/** Reads one output as it stands in a transaction or a genesis. Points are checked by the stateless rules, not here. */
export function readOutput(reader: Reader): Output {
  const type = reader.u8();
  switch (type) {
    case OUTPUT_TYPE.coin: {
      const fields = readCoinFields(reader);
      const payload = reader.bytes(PAYLOAD_SIZE);
      const rangeProof = reader.bytes(COIN_PROOF_SIZE);
      const core: CoinCore = {
        type: "coin",
        ...fields,
        payloadHash: sha256Hash(payload),
        rangeProofHash: sha256Hash(rangeProof),
      };
      return { core, payload, rangeProof };
    }
    case OUTPUT_TYPE.public:
      return { core: readPublic(reader) };
    case OUTPUT_TYPE.stake:
      return { core: readStake(reader) };
    case OUTPUT_TYPE.packet:
      return readPacketOutput(reader);
    default:
      throw new DecodeError(`output type ${type}`);
  }
}

/** Writes one output as it stands in a transaction or a genesis. */
export function writeOutput(writer: Writer, output: Output): void {
  if (!isProvenOutput(output)) {
    writeOutputCore(writer, output.core);
    return;
  }
  if (!isCoinOutput(output)) {
    writer.bytes(encodePacketOutput(output));
    return;
  }
  writer.u8(OUTPUT_TYPE.coin);
  writeCoinFields(writer, output.core);
  writer.fixed(output.payload, PAYLOAD_SIZE).fixed(output.rangeProof, COIN_PROOF_SIZE);
}

export function encodeOutput(output: Output): Uint8Array {
  const writer = new Writer(1300);
  writeOutput(writer, output);
  return writer.finish();
}

/** Bytes of each core (2.1) but that of a packet, which goes by its shares. */
export const CORE_SIZE = { coin: 203, public: 187, stake: 283, drawn: 145 } as const;

/** The bytes under the output's hash (2.1). */
export function encodeOutputCore(core: OutputCore): Uint8Array {
  if (core.type === "packet") return encodePacketCore(core);
  const writer = new Writer(CORE_SIZE[core.type]);
  writeOutputCore(writer, core);
  return writer.finish();
}

/** {@link encodeOutputCore} behind what was written before: an array of its own for each of many would cost more. */
export function writeOutputCore(writer: Writer, core: OutputCore): void {
  if (core.type === "packet") {
    writePacketCore(writer, core);
    return;
  }
  writer.u8(OUTPUT_TYPE[core.type]);
  switch (core.type) {
    case "coin":
      writeCoinFields(writer, core);
      writer.fixed(core.payloadHash, 32).fixed(core.rangeProofHash, 32);
      return;
    case "public":
      writer.fixed(core.oneTimeKey, 32).u64(core.amount).fixed(core.ephemeralKey, 32).fixed(core.viewTag, 2);
      writer.fixed(core.recipient.spendKey, 32).fixed(core.recipient.viewKey, 32);
      writer.fixed(core.anchor, 16).fixed(core.reference, 32);
      return;
    case "stake":
      writer.fixed(core.oneTimeKey, 32).u64(core.amount).fixed(core.ephemeralKey, 32).fixed(core.viewTag, 2);
      writer.fixed(core.blsKey, BLS_KEY_SIZE).fixed(core.possessionProof, BLS_SIGNATURE_SIZE);
      writer.fixed(core.reward.spendKey, 32).fixed(core.reward.viewKey, 32);
      return;
    case "drawn":
      writeCoinFields(writer, core);
      writer.u40(core.packetLeaf).u8(core.slot);
      return;
    default:
      core satisfies never;
  }
}

/** Reads one core; its size follows from its type byte. */
export function readOutputCore(reader: Reader): OutputCore {
  const type = reader.u8();
  switch (type) {
    case OUTPUT_TYPE.coin: {
      const fields = readCoinFields(reader);
      return {
        type: "coin",
        ...fields,
        payloadHash: hash(reader.bytes(32)),
        rangeProofHash: hash(reader.bytes(32)),
      };
    }
    case OUTPUT_TYPE.public:
      return readPublic(reader);
    case OUTPUT_TYPE.stake:
      return readStake(reader);
    case OUTPUT_TYPE.packet:
      return readPacketCore(reader);
    case OUTPUT_TYPE.drawn: {
      const fields = readCoinFields(reader);
      return { type: "drawn", ...fields, packetLeaf: leafIndex(reader.u40()), slot: reader.u8() };
    }
    default:
      throw new DecodeError(`output type ${type}`);
  }
}

export function decodeOutputCore(bytes: Uint8Array): OutputCore {
  return decodeWhole(bytes, readOutputCore);
}

/** Tag of 2.1. */
export const OUTPUT_HASH_TAG = "stg/out";

const knownHashes = new WeakMap<OutputCore, Hash>();

/** out_hash of 2.1: the output's name in leaves, transactions and compact data. Hashed once for each object. */
export function outputHash(core: OutputCore): Hash {
  const known = knownHashes.get(core) ?? hash32(OUTPUT_HASH_TAG, encodeOutputCore(core));
  knownHashes.set(core, known);
  return known;
}

const NO_PAYLOAD_TAG = new Uint8Array(16);

/** ptag in compact data; types without a payload have 16 zero bytes (5.2). */
export function payloadTagOf(core: OutputCore): Uint8Array {
  return core.type === "coin" || core.type === "drawn" ? core.payloadTag : NO_PAYLOAD_TAG;
}

/** A stake counts twice (TX-8). */
export const STAKE_WEIGHT = 2;

/** Weight of an output in fee and block limits (TX-8). */
export function outputWeight(core: OutputCore): number {
  if (core.type === "packet") return packetWeight(core);
  return core.type === "stake" ? STAKE_WEIGHT : 1;
}
