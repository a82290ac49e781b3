import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import { AEAD_TAG_SIZE, aeadOpen, aeadSeal } from "../crypto/aead.ts";
import {
  expandedKey,
  isPassphraseCost,
  KEY_SALT_SIZE,
  PASSPHRASE_COST_LOG2,
  passphraseKey,
} from "../crypto/key-derivation.ts";
import { decodeWalletSecrets } from "./wallet-secrets.ts";

const MAGIC = encodeUtf8("stgkit");
const VERSION = 1;
const CONTENTS_VERSION = 1;
const PRF_SIZE = 32;
/** Room for what a backup will hold besides keys, in bytes. */
export const KIT_SEALED_BYTES_MAX = 64 * 1024;
const KIT_USE = "stegos/kit";

/** What opens a backup: its code in the form of `parseKitCode`, or the 32 bytes of a passkey. */
export type KitKey =
  | { readonly type: "code"; readonly code: string; readonly costLog2?: number }
  | { readonly type: "prf"; readonly prf: Uint8Array };

const WAY = { code: 1, prf: 2 } as const;

/** What a backup brings back. */
export interface KitContents {
  /** As the wallet stores them. */
  readonly secrets: Uint8Array;
}

/** damaged: no backup of ours, or cut or changed · newer: made by a later version · wrong_key: of another code or passkey. */
export type KitFault = "damaged" | "newer" | "wrong_key";

/**
 * `"stgkit" ‖ version u8 ‖ way u8 ‖ salt16 ‖ cost u8 ‖ u32 size ‖ sealed`: docs/keeping-safe.md. `salt` is fresh, so that a
 * key seals one text.
 */
export function sealKit({ secrets }: KitContents, key: KitKey, salt: Uint8Array): Uint8Array {
  const costLog2 = key.type === "code" ? (key.costLog2 ?? PASSPHRASE_COST_LOG2) : 0;
  const head = new Writer(25)
    .bytes(MAGIC)
    .u8(VERSION)
    .u8(WAY[key.type])
    .fixed(salt, KEY_SALT_SIZE)
    .u8(costLog2)
    .finish();
  const contents = new Writer(64).u8(CONTENTS_VERSION).u16(secrets.length).bytes(secrets).finish();
  const sealed = aeadSeal(sealingKey(key, salt, costLog2), contents, head);
  return concatBytes(head, new Writer(4).u32(sealed.length).finish(), sealed);
}

/** Opens a backup, whoever wrote the bytes. */
export function openKit(
  bytes: Uint8Array,
  key: KitKey,
): { readonly ok: true; readonly contents: KitContents } | { readonly ok: false; readonly code: KitFault } {
  if (isNewer(bytes, MAGIC.length, VERSION)) return { ok: false, code: "newer" };
  const kit = tryDecode(decodeKit, bytes);
  if (!kit.ok) return { ok: false, code: "damaged" };
  const { way, salt, costLog2, head, sealed } = kit.value;
  // Opened by the other way, it is not this key's.
  if (way !== WAY[key.type]) return { ok: false, code: "wrong_key" };
  const opened = aeadOpen(sealingKey(key, salt, costLog2), sealed, head);
  if (opened === undefined) return { ok: false, code: "wrong_key" };
  if ((opened[0] ?? 0) > CONTENTS_VERSION) return { ok: false, code: "newer" };
  const contents = tryDecode(decodeContents, opened);
  return contents.ok ? { ok: true, contents: contents.value } : { ok: false, code: "damaged" };
}

function isNewer(bytes: Uint8Array, place: number, version: number): boolean {
  return equalBytes(bytes.slice(0, place), MAGIC) && (bytes[place] ?? 0) > version;
}

function decodeKit(bytes: Uint8Array) {
  return decodeWhole(bytes, (reader) => {
    if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) throw new DecodeError("no backup");
    if (reader.u8() !== VERSION) throw new DecodeError("another version");
    const way = reader.u8();
    const salt = reader.bytes(KEY_SALT_SIZE);
    const costLog2 = reader.u8();
    const isCost = way === WAY.code ? isPassphraseCost(costLog2) : way === WAY.prf && costLog2 === 0;
    // Checked before any work is done for it.
    if (!isCost) throw new DecodeError(`way ${way} at cost ${costLog2}`);
    const head = bytes.slice(0, reader.offset);
    const size = reader.u32();
    if (size < AEAD_TAG_SIZE || size > KIT_SEALED_BYTES_MAX) throw new DecodeError(`${size} sealed bytes`);
    return { way, salt, costLog2, head, sealed: reader.bytes(size) };
  });
}

function decodeContents(bytes: Uint8Array): KitContents {
  return decodeWhole(bytes, (reader) => {
    if (reader.u8() !== CONTENTS_VERSION) throw new DecodeError("another version");
    const secrets = reader.bytes(reader.u16());
    decodeWalletSecrets(secrets);
    return { secrets };
  });
}

function sealingKey(key: KitKey, salt: Uint8Array, costLog2: number): Uint8Array {
  if (key.type === "code") return passphraseKey(key.code, salt, costLog2);
  if (key.prf.length !== PRF_SIZE) throw new RangeError(`PRF output of ${key.prf.length} bytes`);
  return expandedKey(key.prf, salt, KIT_USE);
}
