import { describe, expect, it } from "vitest";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { PASSPHRASE_COST_LOG2_MIN as COST } from "../../../../src/core/crypto/key-derivation.ts";
import {
  decodeSlots,
  encodeSlots,
  findSlot,
  type LockSlot,
  makePasskeySlot,
  makePinSlot,
  openSlot,
  PASSKEYS_MAX,
} from "../../../../src/client/storage/lock-slots.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const SALT = new Uint8Array(16).fill(1);
const passkey = (id: number, prf = id) => ({
  type: "passkey" as const,
  credentialId: new Uint8Array(20).fill(id),
  prf: new Uint8Array(32).fill(prf),
  holdsSeed: true,
});
const pinSlot = makePinSlot(KEY, "271828", SALT, COST);
const passkeySlot = makePasskeySlot(KEY, passkey(1), SALT, 1_700_000_000_000);
const SLOTS: readonly LockSlot[] = [pinSlot, passkeySlot];

describe("slots", () => {
  it("give the key to what they were made with, and to nothing else", () => {
    expect(openSlot(pinSlot, { type: "pin", pin: "271828" })).toEqual(KEY);
    expect(openSlot(pinSlot, { type: "pin", pin: "271829" })).toBeUndefined();
    expect(openSlot(passkeySlot, passkey(1))).toEqual(KEY);
    expect(openSlot(passkeySlot, passkey(1, 2))).toBeUndefined();
    expect(openSlot(passkeySlot, { type: "pin", pin: "271828" })).toBeUndefined();
    expect(openSlot(pinSlot, passkey(1))).toBeUndefined();
  });

  it("are found by what is tried", () => {
    expect(findSlot(SLOTS, { type: "pin", pin: "1" })).toBe(pinSlot);
    expect(findSlot(SLOTS, passkey(1))).toBe(passkeySlot);
    expect(findSlot(SLOTS, passkey(9))).toBeUndefined();
    expect(findSlot([passkeySlot], { type: "pin", pin: "1" })).toBeUndefined();
  });

  it.each([0, 16, 31, 33])("are not made from %i bytes of a passkey", (size) => {
    const short = { ...passkey(1), prf: new Uint8Array(size) };
    expect(() => makePasskeySlot(KEY, short, SALT, 0)).toThrow(RangeError);
  });

  it("have one encoding, and hold neither the key nor the PIN", () => {
    const bytes = encodeSlots(SLOTS);
    expect(decodeSlots(bytes)).toEqual(SLOTS);
    const text = bytes.join(",");
    expect(text.includes(KEY.slice(0, 8).join(","))).toBe(false);
    expect(text.includes(new TextEncoder().encode("271828").join(","))).toBe(false);
  });

  it("are refused where a byte is too few or too many, and never throw anything else", () => {
    const bytes = encodeSlots(SLOTS);
    expect(tryDecode(decodeSlots, Uint8Array.from([...bytes, 0])).ok).toBe(false);
    for (let size = 0; size < bytes.length; size++) expect(tryDecode(decodeSlots, bytes.slice(0, size)).ok).toBe(false);
    for (let place = 0; place < 40; place++) {
      for (const flip of [1, 0x80, 0xff]) {
        const other = Uint8Array.from(bytes);
        other[place]! ^= flip;
        tryDecode(decodeSlots, other);
      }
    }
  });

  it.each<[string, readonly LockSlot[]]>([
    ["none", []],
    ["two PINs", [pinSlot, pinSlot]],
    ["a cost no phone can pay", [{ ...pinSlot, costLog2: 30 }]],
    ["a cost that protects nothing", [{ ...pinSlot, costLog2: 1 }]],
    ["a passkey without a name", [{ ...passkeySlot, credentialId: new Uint8Array(0) }]],
    ["a name that is too long", [{ ...passkeySlot, credentialId: new Uint8Array(1_024) }]],
    ["more than there may be", Array.from({ length: PASSKEYS_MAX + 2 }, () => passkeySlot)],
  ])("are refused: %s", (_name, slots) => {
    expect(tryDecode(decodeSlots, encodeSlots(slots)).ok).toBe(false);
  });
});
