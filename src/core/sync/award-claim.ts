import { DecodeError } from "../bytes/decode-error.ts";
import { parseHex } from "../bytes/hex.ts";
import { decodeCertificate, type Certificate } from "../chain/certificate.ts";
import { decodeHeader, type Header } from "../chain/header.ts";
import { decodeOutputCore, type PublicCore } from "../chain/output.ts";
import { decodeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import { AWARD_KEYS_MAX, BLS_KEY_SIZE, LAST_LEAF_PROOF_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { hash, HASH_SIZE, type Hash } from "../values/hash.ts";

/** What somebody says of a past draw, with what is to prove it (AW-4). Nothing of it is checked but its shape. */
export interface AwardClaim {
  readonly week: number;
  readonly winner: Uint8Array;
  readonly amount: Amount;
  readonly beaconHeight: number;
  readonly eligible: readonly Uint8Array[];
  readonly beacon: Hash;
  readonly header: Header;
  readonly certificate: Certificate;
  readonly listProof: readonly Hash[];
  readonly beaconHeader: Header;
  readonly beaconCertificate: Certificate;
  readonly payout: PublicCore;
  readonly payoutProof: readonly Hash[];
  /** One of each that the two headers name. */
  readonly validatorSets: readonly ValidatorSet[];
}

/** An output core is never longer. */
const PAYOUT_SIZE_MAX = 512;
/** A header, a certificate and a set each fit this. */
const PART_SIZE_MAX = 8_192;

/** Reads an entry of `past` of the RPC `award`; undefined if it has another shape. Fields it does not know are passed over. */
export function readAwardClaim(value: unknown): AwardClaim | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  try {
    return readClaim(fields);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function readClaim(fields: Readonly<Record<string, unknown>>): AwardClaim {
  const payout = decodeOutputCore(readHex(fields["payout"], PAYOUT_SIZE_MAX));
  if (payout.type !== "public") throw new DecodeError("payout");
  return {
    week: readWhole(fields["week"]),
    winner: readKey(fields["winner"]),
    amount: readAmount(fields["amount"]),
    beaconHeight: readWhole(fields["beacon_height"]),
    eligible: readList(fields["eligible_list"], AWARD_KEYS_MAX).map(readKey),
    beacon: readHash(fields["beacon"]),
    header: decodeHeader(readHex(fields["header"], PART_SIZE_MAX)),
    certificate: decodeCertificate(readHex(fields["cert"], PART_SIZE_MAX)),
    listProof: readList(fields["aux_proof"], LAST_LEAF_PROOF_MAX).map(readHash),
    beaconHeader: decodeHeader(readHex(fields["beacon_header"], PART_SIZE_MAX)),
    beaconCertificate: decodeCertificate(readHex(fields["beacon_cert"], PART_SIZE_MAX)),
    payout,
    payoutProof: readList(fields["payout_proof"], LAST_LEAF_PROOF_MAX).map(readHash),
    validatorSets: readList(fields["validator_sets"], 2).map((set) => decodeValidatorSet(readHex(set, PART_SIZE_MAX))),
  };
}

function readHex(value: unknown, sizeMax: number): Uint8Array {
  if (typeof value !== "string" || value.length > 2 * sizeMax) throw new DecodeError("hex");
  return parseHex(value);
}

function readSized(value: unknown, size: number): Uint8Array {
  const bytes = readHex(value, size);
  if (bytes.length !== size) throw new DecodeError(`not ${size} bytes`);
  return bytes;
}

const readHash = (value: unknown): Hash => hash(readSized(value, HASH_SIZE));
const readKey = (value: unknown): Uint8Array => readSized(value, BLS_KEY_SIZE);

function readList(value: unknown, countMax: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > countMax) throw new DecodeError("list");
  return value;
}

function readWhole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new DecodeError("whole number");
  return value;
}

function readAmount(value: unknown): Amount {
  if (typeof value !== "string" || !/^(0|[1-9]\d{0,19})$/.test(value)) throw new DecodeError("amount");
  const micro = BigInt(value);
  if (!isAmount(micro)) throw new DecodeError("amount");
  return amount(micro);
}
