import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { StakeCore } from "../chain/output.ts";
import { possessionMessage } from "../chain/stake-possession.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { clamp, x25519, X25519_BASE } from "../crypto/key-agreement.ts";
import { deriveContext, deriveKeyOffset, deriveOneTimeKey } from "../crypto/output-keys.ts";
import { BLS_KEY_SIZE, BLS_SIGNATURE_SIZE } from "../params/limits.ts";
import type { Random } from "../ports/random.ts";
import { formatBech32, parseBech32 } from "../values/bech32-text.ts";
import { ADDRESS_PREFIX, networkOfChainId } from "../values/network.ts";
import { deriveAddress, type ViewAllKeys } from "./keys.ts";

/**
 * What the owner of coins asks the holder of a validator key to accept: a stake that is not made yet, of whatever amount.
 * Its keys are those of the one output that it is for.
 */
export interface StakeOffer extends Pick<StakeCore, "blsKey" | "oneTimeKey" | "ephemeralKey" | "reward"> {
  readonly chainId: number;
}

/** The same with the answer of the validator key (ST-1). */
export interface StakeAcceptance extends StakeOffer {
  readonly possessionProof: Uint8Array;
}

const VERSION = 1;
const OFFER_SIZE = 1 + 4 + BLS_KEY_SIZE + 4 * 32;
const PREFIX_END = { offer: "offer", acceptance: "accept" } as const;
const CHECKSUM_LENGTH = 6;
/** Stakes of a wallet are at its first address and the first of their D, so that a restore finds them. */
export const STAKE_PLACE = { addressIndex: 0, counter: 0 } as const;

/** Makes an offer under a fresh D, so that no two stakes share one (OU-8). */
export function makeStakeOffer(
  curve: CurveBackend,
  random: Random,
  view: ViewAllKeys,
  chainId: number,
  blsKey: Uint8Array,
): StakeOffer {
  const ephemeralKey = x25519(curve, clamp(random.bytes(32)), X25519_BASE);
  const reward = deriveAddress(curve, view, STAKE_PLACE.addressIndex);
  return { chainId, blsKey, ephemeralKey, reward, oneTimeKey: stakeKey(curve, view, { blsKey, ephemeralKey, reward }) };
}

/** P of a stake of ours (OU-11). */
function stakeKey(
  curve: CurveBackend,
  { viewAllSecret }: ViewAllKeys,
  { blsKey, ephemeralKey, reward }: Pick<StakeOffer, "blsKey" | "ephemeralKey" | "reward">,
): Uint8Array {
  const context = deriveContext(viewAllSecret, ephemeralKey, STAKE_PLACE.counter);
  return deriveOneTimeKey(curve, reward.spendKey, deriveKeyOffset(curve, context, blsKey));
}

/** Is this an offer of these keys? Another's would lock our coins for him. */
export function isOwnOffer(curve: CurveBackend, view: ViewAllKeys, offer: StakeOffer): boolean {
  const home = deriveAddress(curve, view, STAKE_PLACE.addressIndex);
  const isHome = equalBytes(offer.reward.spendKey, home.spendKey) && equalBytes(offer.reward.viewKey, home.viewKey);
  return isHome && equalBytes(offer.oneTimeKey, stakeKey(curve, view, offer));
}

/** The validator's side: `seed` is its vseed (PR-7). Any amount may come of it, and no coins of the validator. */
export function acceptStake(bls: BlsBackend, seed: Uint8Array, offer: StakeOffer): StakeAcceptance {
  return { ...offer, possessionProof: bls.prove(seed, possessionMessage(offer.chainId, offer)) };
}

/** ST-1 of the answer. */
export function isAccepted(bls: BlsBackend, acceptance: StakeAcceptance): boolean {
  const { blsKey, chainId, possessionProof } = acceptance;
  return bls.verifyPossession(blsKey, possessionMessage(chainId, acceptance), possessionProof);
}

function writeOffer(writer: Writer, { chainId, blsKey, oneTimeKey, ephemeralKey, reward }: StakeOffer): Writer {
  writer.u8(VERSION).u32(chainId).fixed(blsKey, BLS_KEY_SIZE).fixed(oneTimeKey, 32).fixed(ephemeralKey, 32);
  return writer.fixed(reward.spendKey, 32).fixed(reward.viewKey, 32);
}

function readOffer(reader: Reader): StakeOffer {
  const version = reader.u8();
  if (version !== VERSION) throw new DecodeError(`offer version ${version}`);
  return {
    chainId: reader.u32(),
    blsKey: reader.bytes(BLS_KEY_SIZE),
    oneTimeKey: reader.bytes(32),
    ephemeralKey: reader.bytes(32),
    reward: { spendKey: reader.bytes(32), viewKey: reader.bytes(32) },
  };
}

function readAcceptance(reader: Reader): StakeAcceptance {
  return { ...readOffer(reader), possessionProof: reader.bytes(BLS_SIGNATURE_SIZE) };
}

/** One line: bech32m of `0x01 ‖ chain_id u32 ‖ bls_pk48 ‖ P32 ‖ D32 ‖ reward_S32 ‖ reward_V32`. */
export function formatStakeOffer(offer: StakeOffer): string {
  return format(offer.chainId, PREFIX_END.offer, writeOffer(new Writer(OFFER_SIZE), offer).finish());
}

/** One line: the same bytes and `pop96`. */
export function formatStakeAcceptance(acceptance: StakeAcceptance): string {
  const writer = writeOffer(new Writer(OFFER_SIZE + BLS_SIGNATURE_SIZE), acceptance);
  return format(
    acceptance.chainId,
    PREFIX_END.acceptance,
    writer.fixed(acceptance.possessionProof, BLS_SIGNATURE_SIZE).finish(),
  );
}

function format(chainId: number, end: string, bytes: Uint8Array): string {
  const network = networkOfChainId(chainId);
  if (network === undefined) throw new RangeError(`chain ${chainId} is of no network`);
  return formatBech32(ADDRESS_PREFIX[network] + end, bytes);
}

/** The inverse of {@link formatStakeOffer}; undefined for every other text. */
export function parseStakeOffer(text: string): StakeOffer | undefined {
  return parse(text, PREFIX_END.offer, OFFER_SIZE, readOffer);
}

/** The inverse of {@link formatStakeAcceptance}; undefined for every other text. */
export function parseStakeAcceptance(text: string): StakeAcceptance | undefined {
  return parse(text, PREFIX_END.acceptance, OFFER_SIZE + BLS_SIGNATURE_SIZE, readAcceptance);
}

function parse<Value extends StakeOffer>(
  text: string,
  end: string,
  size: number,
  read: (reader: Reader) => Value,
): Value | undefined {
  const lengthMax = "tstg".length + end.length + 1 + Math.ceil((8 * size) / 5) + CHECKSUM_LENGTH;
  const parsed = parseBech32(text, lengthMax);
  const decoded = parsed && tryDecode((bytes) => decodeWhole(bytes, read), parsed.bytes);
  if (decoded?.ok !== true) return undefined;
  const network = networkOfChainId(decoded.value.chainId);
  return network !== undefined && parsed?.prefix === ADDRESS_PREFIX[network] + end ? decoded.value : undefined;
}
