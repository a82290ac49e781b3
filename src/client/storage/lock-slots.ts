import type { NewPasskey, Unlock } from "../../api/lock.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { AEAD_TAG_SIZE, aeadOpen, aeadSeal } from "../../core/crypto/aead.ts";
import { expandedKey, isPassphraseCost, KEY_SALT_SIZE, passphraseKey } from "../../core/crypto/key-derivation.ts";

/** Bytes of the key that seals a locked wallet. */
export const WALLET_KEY_SIZE = 32;
/** Passkeys of one wallet. */
export const PASSKEYS_MAX = 8;
/** What WebAuthn allows. */
const CREDENTIAL_ID_BYTES_MAX = 1023;
const PRF_SIZE = 32;
const VERSION = 1;
const SLOT_USE = "stegos/slot";

/** The wallet's key under a PIN. */
export interface PinSlot {
  readonly type: "pin";
  readonly costLog2: number;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

/** The wallet's key under what one passkey gives. */
export interface PasskeySlot {
  readonly type: "passkey";
  readonly credentialId: Uint8Array;
  readonly addedMs: number;
  /** The passkey said that it has stored the sealed seed. */
  readonly holdsSeed: boolean;
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
}

export type LockSlot = PinSlot | PasskeySlot;

const KIND = { pin: 1, passkey: 2 } as const;

/** `version u8 ‖ count u8 ‖ slots`; a slot is `kind u8 ‖ cost u8 | (u16 size ‖ id ‖ added u64 ‖ holds_seed u8) ‖ salt16 ‖ sealed48`. */
export function encodeSlots(slots: readonly LockSlot[]): Uint8Array {
  const writer = new Writer(256).u8(VERSION).u8(slots.length);
  for (const slot of slots) {
    writer.u8(KIND[slot.type]);
    if (slot.type === "pin") writer.u8(slot.costLog2);
    else {
      writer.u16(slot.credentialId.length).bytes(slot.credentialId);
      writer.u64(slot.addedMs).u8(slot.holdsSeed ? 1 : 0);
    }
    writer.fixed(slot.salt, KEY_SALT_SIZE).fixed(slot.sealed, WALLET_KEY_SIZE + AEAD_TAG_SIZE);
  }
  return writer.finish();
}

/** The inverse of {@link encodeSlots}: at least one slot, one PIN at most. Throws DecodeError. */
export function decodeSlots(bytes: Uint8Array): readonly LockSlot[] {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`slots of version ${version}`);
    const slots = reader.list(reader.u8(), PASSKEYS_MAX + 1, readSlot);
    if (slots.length === 0) throw new DecodeError("a lock without a way in");
    if (slots.filter(({ type }) => type === "pin").length > 1) throw new DecodeError("two PINs");
    return slots;
  });
}

function readSlot(reader: Reader): LockSlot {
  const kind = reader.u8();
  if (kind === KIND.pin) {
    const costLog2 = reader.u8();
    if (!isPassphraseCost(costLog2)) throw new DecodeError(`cost ${costLog2}`);
    return { type: "pin", costLog2, ...readSealed(reader) };
  }
  if (kind !== KIND.passkey) throw new DecodeError(`slot of kind ${kind}`);
  const size = reader.u16();
  if (size === 0 || size > CREDENTIAL_ID_BYTES_MAX) throw new DecodeError(`passkey id of ${size} bytes`);
  const credentialId = reader.bytes(size);
  const addedMs = reader.u53();
  const flag = reader.u8();
  if (flag > 1) throw new DecodeError(`flag ${flag}`);
  return { type: "passkey", credentialId, addedMs, holdsSeed: flag === 1, ...readSealed(reader) };
}

function readSealed(reader: Reader): Pick<LockSlot, "salt" | "sealed"> {
  return { salt: reader.bytes(KEY_SALT_SIZE), sealed: reader.bytes(WALLET_KEY_SIZE + AEAD_TAG_SIZE) };
}

/** A slot for a PIN; `salt` is fresh. */
export function makePinSlot(walletKey: Uint8Array, pin: string, salt: Uint8Array, costLog2: number): PinSlot {
  return { type: "pin", costLog2, salt, sealed: aeadSeal(passphraseKey(pin, salt, costLog2), walletKey) };
}

/** A slot for what a passkey gave; `salt` is fresh. Throws RangeError for other than 32 bytes: those are no secret. */
export function makePasskeySlot(
  walletKey: Uint8Array,
  { credentialId, prf, holdsSeed }: NewPasskey,
  salt: Uint8Array,
  addedMs: number,
): PasskeySlot {
  if (prf.length !== PRF_SIZE) throw new RangeError(`PRF output of ${prf.length} bytes`);
  if (credentialId.length === 0 || credentialId.length > CREDENTIAL_ID_BYTES_MAX) throw new RangeError("passkey id");
  const sealed = aeadSeal(expandedKey(prf, salt, SLOT_USE), walletKey);
  return { type: "passkey", credentialId, addedMs, holdsSeed, salt, sealed };
}

/** The slot that an attempt is about. */
export function findSlot(slots: readonly LockSlot[], unlock: Unlock): LockSlot | undefined {
  return slots.find((slot) => {
    if (slot.type === "pin" || unlock.type === "pin") return slot.type === unlock.type;
    return equalBytes(slot.credentialId, unlock.credentialId);
  });
}

/** The wallet's key, or undefined when this opens it not. */
export function openSlot(slot: LockSlot, unlock: Unlock): Uint8Array | undefined {
  if (slot.type === "pin" && unlock.type === "pin")
    return aeadOpen(passphraseKey(unlock.pin, slot.salt, slot.costLog2), slot.sealed);
  if (slot.type === "passkey" && unlock.type === "passkey")
    return aeadOpen(expandedKey(unlock.prf, slot.salt, SLOT_USE), slot.sealed);
  return undefined;
}
