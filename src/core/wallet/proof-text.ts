import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { formatBech32, parseBech32 } from "../values/bech32-text.ts";
import { leafIndex, type Height } from "../values/height.ts";
import { ADDRESS_PREFIX, networkOfChainId, type NetworkName } from "../values/network.ts";
import { readHeight } from "./note.ts";
import {
  CORE_TAIL_SIZE,
  deriveProvenBytes,
  encodePaymentProof,
  PAYMENT_PROOF_SIZE,
  readPaymentProof,
  verifyPaymentProof,
  type PaymentProof,
} from "./payment-proof.ts";
import type { ProofParts } from "./payment.ts";

/** A payment proof with what its checker needs to find the output: PP-1 names it by its hash alone (PP-5). */
export interface PlacedProof extends ProofParts {
  readonly proof: PaymentProof;
  /** Block that made the output. */
  readonly height: Height;
}

const VERSION = 1;
const SIZE = 1 + PAYMENT_PROOF_SIZE + 5 + 8 + CORE_TAIL_SIZE;
const PREFIX_END = "proof";
/** Prefix, separator, 8 bits in 5, checksum. */
const TEXT_LENGTH_MAX = "tstg".length + PREFIX_END.length + 1 + Math.ceil((8 * SIZE) / 5) + 6;

/** `ver u8 = 1 ‖ proof of PP-1 ‖ leaf u40 ‖ height u64 ‖ bytes 123 … 202 of the core`. */
export function encodePlacedProof({ proof, leaf, height, coreTail }: PlacedProof): Uint8Array {
  const writer = new Writer(SIZE).u8(VERSION).bytes(encodePaymentProof(proof)).u40(leaf).u64(height);
  return writer.fixed(coreTail, CORE_TAIL_SIZE).finish();
}

/** The inverse of {@link encodePlacedProof}. */
export function decodePlacedProof(bytes: Uint8Array): PlacedProof {
  return decodeWhole(bytes, readPlacedProof);
}

function readPlacedProof(reader: Reader): PlacedProof {
  const version = reader.u8();
  if (version !== VERSION) throw new DecodeError(`proof version ${version}`);
  const proof = readPaymentProof(reader);
  return {
    proof,
    leaf: leafIndex(reader.u40()),
    height: readHeight(reader),
    coreTail: reader.bytes(CORE_TAIL_SIZE),
  };
}

/** One line of text: bech32m under the network's prefix and the word `proof`. */
export function formatProof(placed: PlacedProof): string {
  const network = networkOfChainId(placed.proof.chainId);
  if (network === undefined) throw new RangeError(`chain ${placed.proof.chainId} is of no network`);
  return formatBech32(ADDRESS_PREFIX[network] + PREFIX_END, encodePlacedProof(placed));
}

/** The inverse of {@link formatProof}: refuses every other text, also one whose prefix is not that of its chain. */
export function parseProof(
  text: string,
): { readonly ok: true; readonly placed: PlacedProof; readonly network: NetworkName } | { readonly ok: false } {
  const parsed = parseBech32(text, TEXT_LENGTH_MAX);
  const decoded = parsed && tryDecode(decodePlacedProof, parsed.bytes);
  if (decoded?.ok !== true) return { ok: false };
  const placed = decoded.value;
  const network = networkOfChainId(placed.proof.chainId);
  if (network === undefined || parsed?.prefix !== ADDRESS_PREFIX[network] + PREFIX_END) return { ok: false };
  return { ok: true, placed, network };
}

/**
 * Does the proof hold for the very bytes it names? Makes the core again out of what it says and compares the hash; that
 * this output is on the chain is the caller's to check. Nobody can make such a proof for an output that pays otherwise.
 */
export function verifyPlacedProof(curve: CurveBackend, { proof, coreTail }: PlacedProof): boolean {
  const proven = deriveProvenBytes(curve, proof);
  return proven !== undefined && verifyPaymentProof(curve, proof, proof.chainId, concatBytes(proven, coreTail)).ok;
}
