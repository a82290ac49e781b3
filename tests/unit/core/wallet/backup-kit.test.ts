import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PASSPHRASE_COST_LOG2_MIN as COST } from "../../../../src/core/crypto/key-derivation.ts";
import { formatKitCode, KIT_CODE_BYTES, parseKitCode } from "../../../../src/core/values/kit-code.ts";
import { KIT_SEALED_BYTES_MAX, type KitKey, openKit, sealKit } from "../../../../src/core/wallet/backup-kit.ts";
import { KIT_CHUNKS_MAX, KIT_FILE_BYTES_MAX, putKit, takeKit } from "../../../../src/core/wallet/kit-picture.ts";
import { runs } from "../../../support/run-counts.ts";

const SECRETS = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
const SALT = new Uint8Array(16).fill(5);
const BY_PRF: KitKey = { type: "prf", prf: new Uint8Array(32).fill(9) };
const BY_CODE: KitKey = { type: "code", code: "0123456789ABCDEF", costLog2: COST };
const kit = sealKit({ secrets: SECRETS }, BY_PRF, SALT);
/** One white pixel, as a browser writes it. */
const PICTURE = Uint8Array.from(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  ),
);
const file = putKit(PICTURE, kit);

function changed(bytes: Uint8Array, place: number, mask: number): Uint8Array {
  return bytes.map((byte, index) => (index === place ? byte ^ mask : byte));
}

describe("a backup", () => {
  it.each<[string, KitKey]>([
    ["a code", BY_CODE],
    ["a passkey", BY_PRF],
  ])("opens by %s, and by that alone", (_name, key) => {
    const sealed = sealKit({ secrets: SECRETS }, key, SALT);
    expect(openKit(sealed, key)).toEqual({ ok: true, contents: { secrets: SECRETS } });
    const other: KitKey =
      key.type === "code" ? { ...key, code: "0123456789ABCDEG" } : { ...key, prf: new Uint8Array(32) };
    expect(openKit(sealed, other)).toEqual({ ok: false, code: "wrong_key" });
    expect(openKit(sealed, key.type === "code" ? BY_PRF : BY_CODE)).toEqual({ ok: false, code: "wrong_key" });
    expect(sealed.join().includes(SECRETS.slice(0, 8).join())).toBe(false);
  });

  it("is refused where any byte of it is another, and never opens", () => {
    for (let place = 0; place < kit.length; place++) {
      const opened = openKit(changed(kit, place, 1), BY_PRF);
      expect(opened.ok, `byte ${place}`).toBe(false);
    }
    for (let size = 0; size < kit.length; size++)
      expect(openKit(kit.slice(0, size), BY_PRF).ok, `${size} bytes`).toBe(false);
    expect(openKit(Uint8Array.from([...kit, 0]), BY_PRF)).toEqual({ ok: false, code: "damaged" });
  });

  it("asks for no work that a phone cannot do: the cost is judged first", () => {
    const dear = sealKit({ secrets: SECRETS }, BY_CODE, SALT);
    for (const cost of [0, COST - 1, 19, 63, 255]) {
      const other = dear.map((byte, index) => (index === 24 ? cost : byte));
      expect(openKit(other, BY_CODE)).toEqual({ ok: false, code: "damaged" });
    }
    expect(dear[24]).toBe(COST);
  });

  it("of a later version is told from a damaged one", () => {
    expect(openKit(changed(kit, 6, 3), BY_PRF)).toEqual({ ok: false, code: "newer" });
    expect(openKit(changed(kit, 0, 1), BY_PRF)).toEqual({ ok: false, code: "damaged" });
  });

  it("names its size before it is read: one byte too many is refused", () => {
    const head = kit.slice(0, 25);
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, KIT_SEALED_BYTES_MAX + 1, true);
    const large = Uint8Array.from([...head, ...size, ...new Uint8Array(KIT_SEALED_BYTES_MAX + 1)]);
    expect(openKit(large, BY_PRF)).toEqual({ ok: false, code: "damaged" });
  });

  it("is a value whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !openKit(bytes, BY_PRF).ok),
      { numRuns: runs(2_000, 100_000) },
    );
  });

  it("is made with 32 bytes of a passkey only", () => {
    expect(() => sealKit({ secrets: SECRETS }, { type: "prf", prf: new Uint8Array(16) }, SALT)).toThrow(RangeError);
  });
});

describe("the picture of a backup", () => {
  it("holds it, and is a picture still", () => {
    expect(takeKit(file)).toEqual({ ok: true, kit });
    expect([...file.slice(0, 8)]).toEqual([...PICTURE.slice(0, 8)]);
    expect(file.length).toBe(PICTURE.length + 12 + kit.length);
  });

  it("without one inside is told from another kind of file", () => {
    expect(takeKit(PICTURE)).toEqual({ ok: false, code: "no_kit" });
    expect(takeKit(new Uint8Array(0))).toEqual({ ok: false, code: "no_picture" });
    expect(takeKit(Uint8Array.of(0xff, 0xd8, 0xff))).toEqual({ ok: false, code: "no_picture" });
  });

  it("is damaged where its part is another, twice there, or cut", () => {
    const start = PICTURE.length - 12;
    for (const place of [start + 8, start + 8 + kit.length, start + 3])
      expect(takeKit(changed(file, place, 1)).ok, `byte ${place}`).toBe(false);
    expect(takeKit(putKit(file, kit))).toEqual({ ok: false, code: "damaged" });
    for (let size = 8; size < file.length; size++) expect(takeKit(file.slice(0, size)).ok).toBe(false);
  });

  it("has its limits", () => {
    expect(takeKit(new Uint8Array(KIT_FILE_BYTES_MAX + 1))).toEqual({ ok: false, code: "too_large" });
    const empty = Uint8Array.of(0, 0, 0, 0, 0x74, 0x45, 0x58, 0x74, 0, 0, 0, 0);
    const parts = Array.from({ length: KIT_CHUNKS_MAX }, () => [...empty]).flat();
    const crowded = Uint8Array.from([...PICTURE.slice(0, 8), ...parts, ...PICTURE.slice(8)]);
    expect(takeKit(crowded)).toEqual({ ok: false, code: "damaged" });
    expect(() => putKit(PICTURE, new Uint8Array(KIT_FILE_BYTES_MAX))).toThrow(RangeError);
    expect(() => putKit(PICTURE.slice(0, 20), kit)).toThrow(RangeError);
  });

  it("is a value whatever the bytes behind a signature", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const result = takeKit(Uint8Array.from([...PICTURE.slice(0, 8), ...bytes]));
        return !result.ok;
      }),
      { numRuns: runs(2_000, 100_000) },
    );
  });
});

describe("a code", () => {
  it("is read as it is written, in any case, with or without what stands between", () => {
    const code = formatKitCode(Uint8Array.from({ length: KIT_CODE_BYTES }, (_, index) => 17 * index));
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    const plain = code.replaceAll("-", "");
    for (const text of [code, code.toLowerCase(), ` ${plain} `, code.replaceAll("-", "–"), code.replaceAll("0", "o")])
      expect(parseKitCode(text), text).toBe(plain);
    expect(parseKitCode("iLoO-iLoO-iLoO-iLoO")).toBe("1100".repeat(4));
  });

  it.each([
    "",
    "0123",
    "0123-4567-89AB-CDE",
    "0123-4567-89AB-CDEFG",
    "0123-4567-89AB-CDEU",
    "＝".repeat(16),
    "0".repeat(201),
  ])("is not %j", (text) => expect(parseKitCode(text)).toBeUndefined());

  it("has one form for each of its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: KIT_CODE_BYTES, maxLength: KIT_CODE_BYTES }), (bytes) => {
        const text = formatKitCode(bytes);
        expect(parseKitCode(text)).toBe(text.replaceAll("-", ""));
        const again = formatKitCode(changed(bytes, 3, 1));
        expect(again).not.toBe(text);
      }),
      { numRuns: runs(200, 10_000) },
    );
  });
});
