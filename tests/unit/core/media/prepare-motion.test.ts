import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { judgeMedia } from "../../../../src/core/media/judge-media.ts";
import { prepareMotion } from "../../../../src/core/media/prepare-motion.ts";
import { MEDIA_SHOWN_BYTES_MAX } from "../../../../src/core/params/media-limits.ts";
import { hostileBytes } from "../../../support/hostile-bytes.ts";
import {
  gifExtension,
  gifFile,
  gifWith,
  jpegFile,
  mp4Box,
  mp4File,
  pngFile,
  pngWith,
  webmElement,
  webmFile,
  webpAnimation,
  webpWith,
} from "../../../support/media-files.ts";
import { runs } from "../../../support/run-counts.ts";

const TOLD = "48.2082N 16.3738E Alice";
const told = Uint8Array.from(TOLD, (sign) => sign.charCodeAt(0));
/** Of mvhd and its like: seconds since 1904. */
const made = told.subarray(0, 8);

const png = pngFile(30, 20, [400, 600]);
const webp = webpAnimation(30, 20, [400, 600]);
const gif = gifFile(30, 20, [400, 600]);
const idBytes = (id: string, ...more: readonly Uint8Array[]): Uint8Array => webmElement(id, concatBytes(...more, told));

/** Each with words in a place where programs put them. */
const TELLING: Readonly<Record<string, Uint8Array>> = {
  "png tEXt": pngWith(png, "tEXt", told),
  "png eXIf": pngWith(png, "eXIf", told),
  "png of a program": pngWith(png, "prIv", told),
  "webp EXIF": webpWith(webp, "EXIF", told, 0x08),
  "webp XMP": webpWith(webp, "XMP ", told, 0x04),
  "webp of a program": webpWith(webp, "PRIV", told, 0),
  "gif comment": gifWith(gif, gifExtension(0xfe, told, told)),
  "gif XMP": gifWith(
    gif,
    gifExtension(
      0xff,
      Uint8Array.from("XMP DataXMP", (sign) => sign.charCodeAt(0)),
      told,
    ),
  ),
  "gif text": gifWith(gif, gifExtension(0x01, new Uint8Array(12), told)),
  "mp4 user data": mp4File(30, 20, 1_000, { inside: mp4Box("udta", mp4Box("\u00a9xyz", told)) }),
  "mp4 metadata": mp4File(30, 20, 1_000, { inside: mp4Box("meta", new Uint8Array(4), told) }),
  "mp4 of a program": mp4File(30, 20, 1_000, { more: mp4Box("uuid", told) }),
  "mp4 free room": mp4File(30, 20, 1_000, { more: mp4Box("free", told) }),
  "mp4 time": mp4File(30, 20, 1_000, { made }),
  "mp4 handler": mp4File(30, 20, 1_000, { name: told }),
  "webm tags": webmFile(30, 20, 1_000, { more: idBytes("1254c367") }),
  "webm attachments, long": webmFile(30, 20, 1_000, { more: webmElement("1941a469", told, false) }),
  "webm program": webmFile(30, 20, 1_000, { infoMore: concatBytes(idBytes("4d80"), idBytes("5741")) }),
  "webm checksum": webmFile(30, 20, 1_000, { infoMore: webmElement("bf", told.subarray(0, 4)) }),
  "webm track name": webmFile(30, 20, 1_000, { trackMore: idBytes("536e") }),
  "webm void": webmFile(30, 20, 1_000, { infoMore: idBytes("ec") }),
};

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
function prepared(file: Uint8Array): Uint8Array {
  const result = prepareMotion(file);
  if (!result.ok) throw new Error(result.code);
  return result.bytes;
}

describe("[RP-10] an animation or a video, before it is sent", () => {
  it.each(Object.entries(TELLING))("%s tells nothing any more, and is shown as before", (name, file) => {
    expect(judgeMedia(file, "others").ok).toBe(true);
    expect(text(file)).toContain(text(told.subarray(0, 4)));
    const out = prepared(file);
    for (let start = 0; start + 4 <= told.length; start += 4)
      expect(text(out)).not.toContain(text(told.subarray(start, start + 4)));
    expect(judgeMedia(out, "others")).toEqual(judgeMedia(file, "others"));
    // Players find pictures by their offsets.
    expect(out.length).toBe(name.startsWith("png") ? png.length : file.length);
    expect(prepared(out)).toEqual(out);
  });

  it("that says nothing of its maker stays as it is, bit for bit, how often it runs included", () => {
    const loops = gifExtension(
      0xff,
      Uint8Array.from("NETSCAPE2.0", (sign) => sign.charCodeAt(0)),
      Uint8Array.of(1, 0, 0),
    );
    for (const file of [png, webp, gif, gifWith(gif, loops), mp4File(30, 20, 1_000), webmFile(30, 20, 1_000)])
      expect(prepared(file)).toEqual(file);
  });

  it("leaves what it was given alone, wherever in its buffer that stands", () => {
    for (const file of Object.values(TELLING)) {
      const room = concatBytes(new Uint8Array(7).fill(9), file, new Uint8Array(5).fill(9));
      const before = room.slice();
      expect(prepared(room.subarray(7, 7 + file.length))).toEqual(prepared(file));
      expect(room).toEqual(before);
    }
  });

  it("is judged as others will judge it, and a still picture is none", () => {
    expect(prepareMotion(new Uint8Array(MEDIA_SHOWN_BYTES_MAX + 1))).toEqual({ ok: false, code: "too_large" });
    expect(prepareMotion(mp4File(30, 20, 1_000, { tracks: ["vide", "soun"] }))).toEqual({
      ok: false,
      code: "has_sound",
    });
    for (const still of [jpegFile(30, 20), pngFile(30, 20), gifFile(30, 20)])
      expect(prepareMotion(still)).toEqual({ ok: false, code: "is_a_still" });
  });

  it("[EN-4] is a value or a refusal, whatever the bytes; what comes out is judged as good", () => {
    fc.assert(
      fc.property(hostileBytes(Object.values(TELLING)), (bytes) => {
        const result = prepareMotion(bytes);
        if (result.ok) expect(judgeMedia(result.bytes, "others").ok).toBe(true);
      }),
      { numRuns: runs(3_000, 300_000) },
    );
  });
});
