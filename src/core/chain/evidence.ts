import { compareBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { BLS_KEY_SIZE, BLS_SIGNATURE_SIZE } from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, type Height } from "../values/height.ts";
import { encodeCertificate, readCertificate, type Certificate } from "./certificate.ts";
import { VOTE_TYPE } from "./vote.ts";

/** The pair that proves equivocation (ST-4). The two items ascend bytewise and differ. */
export type Evidence =
  | {
      readonly kind: "votes";
      readonly height: Height;
      readonly round: number;
      readonly voteType: 1 | 2;
      readonly blsKey: Uint8Array;
      readonly items: readonly [SignedId, SignedId];
    }
  | {
      readonly kind: "proposals";
      readonly height: Height;
      readonly round: number;
      readonly blsKey: Uint8Array;
      readonly items: readonly [SignedProposal, SignedProposal];
    }
  | {
      readonly kind: "certificates";
      readonly height: Height;
      readonly round: number;
      readonly items: readonly [CertifiedId, CertifiedId];
    };

export interface SignedId {
  readonly blockId: Hash;
  readonly signature: Uint8Array;
}
export interface SignedProposal extends SignedId {
  /** −1 for a new block. */
  readonly validRound: number;
}
export interface CertifiedId {
  readonly blockId: Hash;
  readonly certificate: Certificate;
}

const KIND = { votes: 1, proposals: 2, certificates: 3 } as const;

const encodeSignedId = (item: SignedId): Uint8Array =>
  new Writer(128).fixed(item.blockId, 32).fixed(item.signature, BLS_SIGNATURE_SIZE).finish();

const encodeSignedProposal = (item: SignedProposal): Uint8Array =>
  new Writer(132)
    .u32(item.validRound + 1)
    .fixed(item.blockId, 32)
    .fixed(item.signature, BLS_SIGNATURE_SIZE)
    .finish();

const encodeCertifiedId = (item: CertifiedId): Uint8Array =>
  new Writer(160).fixed(item.blockId, 32).bytes(encodeCertificate(item.certificate)).finish();

/** Puts two items into the order the layout asks for, whichever was seen first. */
export function orderEvidenceItems<T extends SignedId | SignedProposal | CertifiedId>(
  left: T,
  right: T,
): readonly [T, T] {
  return compareBytes(encodeItem(left), encodeItem(right)) < 0 ? [left, right] : [right, left];
}

function encodeItem(item: SignedId | SignedProposal | CertifiedId): Uint8Array {
  if ("certificate" in item) return encodeCertifiedId(item);
  return "validRound" in item ? encodeSignedProposal(item) : encodeSignedId(item);
}

export function encodeEvidence(evidence: Evidence): Uint8Array {
  const writer = new Writer(400).u8(KIND[evidence.kind]).u64(evidence.height).u32(evidence.round);
  if (evidence.kind === "votes") writer.u8(evidence.voteType);
  if (evidence.kind !== "certificates") writer.fixed(evidence.blsKey, BLS_KEY_SIZE);
  return writer.bytes(encodeItem(evidence.items[0])).bytes(encodeItem(evidence.items[1])).finish();
}

function readPair<T extends SignedId | SignedProposal | CertifiedId>(
  reader: Reader,
  read: (from: Reader) => T,
): readonly [T, T] {
  const pair = [read(reader), read(reader)] as const;
  if (compareBytes(encodeItem(pair[0]), encodeItem(pair[1])) >= 0)
    throw new DecodeError("evidence items not ascending");
  return pair;
}

const readSignedId = (reader: Reader): SignedId => ({
  blockId: hash(reader.bytes(32)),
  signature: reader.bytes(BLS_SIGNATURE_SIZE),
});

const readSignedProposal = (reader: Reader): SignedProposal => ({
  validRound: reader.u32() - 1,
  ...readSignedId(reader),
});

export function readEvidence(reader: Reader): Evidence {
  const kind = reader.u8();
  const at = height(reader.u53());
  const place = { height: at, round: reader.u32() };
  switch (kind) {
    case KIND.votes: {
      const voteType = reader.u8();
      if (voteType !== VOTE_TYPE.prevote && voteType !== VOTE_TYPE.precommit) throw new DecodeError("vote type");
      return {
        kind: "votes",
        ...place,
        voteType,
        blsKey: reader.bytes(BLS_KEY_SIZE),
        items: readPair(reader, readSignedId),
      };
    }
    case KIND.proposals:
      return {
        kind: "proposals",
        ...place,
        blsKey: reader.bytes(BLS_KEY_SIZE),
        items: readPair(reader, readSignedProposal),
      };
    case KIND.certificates: {
      const items = readPair(reader, (from) => ({ blockId: hash(from.bytes(32)), certificate: readCertificate(from) }));
      if (items.some((item) => item.certificate.round !== place.round))
        throw new DecodeError("certificate of another round");
      return { kind: "certificates", ...place, items };
    }
    default:
      throw new DecodeError(`evidence kind ${kind}`);
  }
}

export function decodeEvidence(bytes: Uint8Array): Evidence {
  return decodeWhole(bytes, readEvidence);
}
