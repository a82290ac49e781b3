import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { judgeMedia, type MediaRefusal } from "../../../../src/core/media/judge-media.ts";
import { mediaKind, mimeOf } from "../../../../src/core/media/media-kind.ts";
import {
  ANIMATION_FRAMES_MAX,
  ANIMATION_PIXELS_MAX,
  JPEG_SCANS_MAX,
  MEDIA_DURATION_MS_MAX,
  MEDIA_PARTS_MAX,
  MEDIA_SHOWN_BYTES_MAX,
  MEDIA_SHOWN_PIXELS_MAX,
  MEDIA_SOURCE_BYTES_MAX,
  MEDIA_SOURCE_PIXELS_MAX,
  PICTURE_SIDE_MAX,
  VIDEO_PIXELS_MAX,
} from "../../../../src/core/params/media-limits.ts";
import { PACKET_AD_SIZE_MAX } from "../../../../src/core/params/limits.ts";
import { hostileBytes } from "../../../support/hostile-bytes.ts";
import {
  gifFile,
  jpegFile,
  jpegFrameSegment,
  jpegSegment,
  mp4Box,
  mp4File,
  pngFile,
  webmFile,
  webpAnimation,
  webpLossless,
  webpLossy,
} from "../../../support/media-files.ts";
import { runs } from "../../../support/run-counts.ts";

const STILLS = {
  png: pngFile(30, 20),
  jpeg: jpegFile(30, 20),
  "webp lossy": webpLossy(30, 20),
  "webp lossless": webpLossless(30, 20),
  gif: gifFile(30, 20),
};
const MOVING = {
  png: pngFile(30, 20, [400, 600]),
  webp: webpAnimation(30, 20, [400, 600]),
  gif: gifFile(30, 20, [400, 600]),
};
const VIDEOS = { mp4: mp4File(30, 20, 1_000), webm: webmFile(30, 20, 1_000) };
const ALL = [...Object.values(STILLS), ...Object.values(MOVING), ...Object.values(VIDEOS)];

const refusal = (bytes: Uint8Array, origin: "own" | "others" = "others"): MediaRefusal | undefined => {
  const judged = judgeMedia(bytes, origin);
  return judged.ok ? undefined : judged.code;
};
const repeat = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value);

describe("a picture or video, before anything decodes it", () => {
  it.each(Object.entries(STILLS))("[RP-10] %s: a still picture says its size", (name, bytes) => {
    const facts = { type: "still", width: 30, height: 20, frames: 1, durationMs: 0, hasSound: false };
    expect(judgeMedia(bytes, "others")).toEqual({ ok: true, media: { ...facts, kind: name.split(" ")[0] } });
  });

  it.each(Object.entries(MOVING))("[RP-10] %s: an animation says its frames and its time", (kind, bytes) => {
    const facts = { type: "animation", width: 30, height: 20, frames: 2, durationMs: 1_000, hasSound: false };
    expect(judgeMedia(bytes, "others")).toEqual({ ok: true, media: { ...facts, kind } });
  });

  it.each(Object.entries(VIDEOS))("[RP-10] %s: a video says its size and its time", (kind, bytes) => {
    const facts = { type: "video", width: 30, height: 20, frames: undefined, durationMs: 1_000, hasSound: false };
    expect(judgeMedia(bytes, "others")).toEqual({ ok: true, media: { ...facts, kind } });
  });

  it("[RP-10] goes by its first bytes, and everything else is unknown", () => {
    expect(ALL.map((bytes) => mediaKind(bytes))).not.toContain(undefined);
    expect(mimeOf(mediaKind(STILLS.png)!)).toBe("image/png");
    const strange = [
      "<svg xmlns='http://www.w3.org/2000/svg'/>",
      "<html>",
      "%PDF-1.7",
      "BM......",
      "RIFF....AVI ",
      "",
      "GIF88a",
    ];
    for (const text of strange) expect(refusal(new TextEncoder().encode(text))).toBe("unknown_type");
    for (const bytes of ALL) expect(refusal(bytes.slice(0, 3))).toBe(bytes[0] === 0xff ? "damaged" : "unknown_type");
  });

  it("[RP-10] fits a blob of 256 KiB; a file of the own device may be larger before it is made smaller", () => {
    expect(MEDIA_SHOWN_BYTES_MAX).toBe(PACKET_AD_SIZE_MAX - 4);
    const padded = (size: number): Uint8Array => concatBytes(STILLS.jpeg, new Uint8Array(size - STILLS.jpeg.length));
    expect(refusal(padded(MEDIA_SHOWN_BYTES_MAX))).toBeUndefined();
    expect(refusal(padded(MEDIA_SHOWN_BYTES_MAX + 1))).toBe("too_large");
    expect(refusal(padded(MEDIA_SOURCE_BYTES_MAX), "own")).toBeUndefined();
    expect(refusal(padded(MEDIA_SOURCE_BYTES_MAX + 1), "own")).toBe("too_large");
  });

  it("[RP-10] blows up to no more pixels than a phone holds", () => {
    expect(refusal(pngFile(MEDIA_SHOWN_PIXELS_MAX / 2_000, 2_000))).toBeUndefined();
    expect(refusal(pngFile(MEDIA_SHOWN_PIXELS_MAX / 2_000 + 1, 2_000))).toBe("too_many_pixels");
    expect(refusal(jpegFile(MEDIA_SOURCE_PIXELS_MAX / 8_000, 8_000), "own")).toBeUndefined();
    expect(refusal(jpegFile(MEDIA_SOURCE_PIXELS_MAX / 8_000 + 1, 8_000), "own")).toBe("too_many_pixels");
    expect(refusal(pngFile(2 ** 32 - 1, 2 ** 32 - 1))).toBe("too_many_pixels");
    expect(PICTURE_SIDE_MAX ** 2).toBeLessThan(MEDIA_SHOWN_PIXELS_MAX);
    expect(refusal(webmFile(1_920, 1_080, 1))).toBeUndefined();
    expect(refusal(webmFile(1_921, 1_080, 1))).toBe("too_many_pixels");
    expect(VIDEO_PIXELS_MAX).toBe(1_920 * 1_080);
    const wide = ANIMATION_PIXELS_MAX / 1_000 / 16;
    expect(refusal(gifFile(wide, 1_000, repeat(16, 10)))).toBeUndefined();
    expect(refusal(gifFile(wide, 1_000, repeat(17, 10)))).toBe("too_many_pixels");
  });

  it("[RP-10] ends before people have turned away", () => {
    const half = MEDIA_DURATION_MS_MAX / 2;
    for (const file of [pngFile, webpAnimation, gifFile]) {
      expect(refusal(file(2, 2, [half, half]))).toBeUndefined();
      expect(refusal(file(2, 2, [half, half + 10]))).toBe("too_long");
      expect(refusal(file(2, 2, repeat(ANIMATION_FRAMES_MAX, 20)))).toBeUndefined();
      expect(refusal(file(2, 2, repeat(ANIMATION_FRAMES_MAX + 1, 20)))).toBe("too_long");
      // What asks for no time gets a tenth of a second.
      for (const hasty of [0, 10]) {
        expect(refusal(file(2, 2, repeat(MEDIA_DURATION_MS_MAX / 100, hasty)))).toBeUndefined();
        expect(refusal(file(2, 2, repeat(MEDIA_DURATION_MS_MAX / 100 + 1, hasty)))).toBe("too_long");
      }
    }
    for (const file of [mp4File, webmFile]) {
      expect(refusal(file(2, 2, MEDIA_DURATION_MS_MAX))).toBeUndefined();
      expect(refusal(file(2, 2, MEDIA_DURATION_MS_MAX + 1))).toBe("too_long");
    }
  });

  it("[RP-10] makes no sound", () => {
    expect(refusal(mp4File(2, 2, 1, { tracks: ["vide", "soun"] }))).toBe("has_sound");
    expect(refusal(webmFile(2, 2, 1, { tracks: [2, 1] }))).toBe("has_sound");
  });

  it.each([
    ["a film in fragments", mp4File(2, 2, 1, { more: mp4Box("moof") })],
    ["two films", mp4File(2, 2, 1, { more: mp4Box("moov") })],
    ["two pictures side by side", mp4File(2, 2, 1, { tracks: ["vide", "vide"] })],
    ["a track of another sort", mp4File(2, 2, 1, { tracks: ["vide", "text"] })],
    ["no pictures", mp4File(2, 2, 1, { tracks: [] })],
    ["subtitles", webmFile(2, 2, 1, { tracks: [1, 17] })],
    ["no length", webmFile(2, 2, undefined)],
    ["Matroska that is no WebM", webmFile(2, 2, 1, { docType: "matroska" })],
    ["a GIF with a file behind it", concatBytes(STILLS.gif, Uint8Array.of(0))],
    ["a PNG with a file behind it", concatBytes(STILLS.png, Uint8Array.of(0))],
    ["a WebP with a file behind it", concatBytes(STILLS["webp lossy"], Uint8Array.of(0))],
    ["a frame beyond its screen", gifFile(1, 1, [10], 2)],
    ["a picture without width", pngFile(0, 5)],
    ["a picture without height", jpegFile(5, 0)],
  ])("[RP-10] is refused as %s", (_name, bytes) => {
    expect(refusal(bytes)).toBe("damaged");
  });

  it.each([
    ["track", { trackMs: MEDIA_DURATION_MS_MAX + 1 }],
    ["media", { mediaMs: MEDIA_DURATION_MS_MAX + 1 }],
    ["samples", { samplesMs: MEDIA_DURATION_MS_MAX + 1 }],
  ])("[RP-10] MP4 is as long as it says anywhere: %s", (_, times) => {
    expect(refusal(mp4File(2, 2, 1, times))).toBe("too_long");
    expect(refusal(mp4File(2, 2, MEDIA_DURATION_MS_MAX, times))).toBe("too_long");
  });

  it("[RP-10] MP4 is as large as its track or its pictures", () => {
    expect(refusal(mp4File(16, 16, 1, { codedSize: [8_192, 4_320] }))).toBe("too_many_pixels");
    expect(refusal(mp4File(8_192, 4_320, 1, { codedSize: [16, 16] }))).toBe("too_many_pixels");
    expect(judgeMedia(mp4File(16, 16, 1, { codedSize: [32, 20] }), "others")).toMatchObject({
      ok: true,
      media: { width: 32, height: 20 },
    });
  });

  it.each(["moov", "mvhd", "tkhd", "mdia", "mdhd", "hdlr", "minf", "stbl", "stsd", "stts"])(
    "[RP-10] MP4 with two %s is refused: players differ in which they take",
    (type) => {
      expect(refusal(mp4File(2, 2, 1, { twice: type }))).toBe("damaged");
    },
  );

  it.each(["mvhd", "mdia", "mdhd", "minf", "stbl", "stsd", "stts"])("[RP-10] MP4 without %s is refused", (type) => {
    expect(refusal(mp4File(2, 2, 1, { without: type }))).toBe("damaged");
  });

  it.each(["1a45dfa3", "4282", "18538067", "1549a966", "2ad7b1", "4489", "1654ae6b", "83", "e0", "b0", "ba", "e7"])(
    "[RP-10] WebM with two elements %s is refused: players differ in which they take",
    (id) => {
      expect(refusal(webmFile(2, 2, 1, { twice: id }))).toBe("damaged");
    },
  );

  it("[RP-10] WebM is as long as its last cluster, in a unit of time that is not 0", () => {
    expect(refusal(webmFile(2, 2, 1, { lastTicks: MEDIA_DURATION_MS_MAX }))).toBeUndefined();
    expect(refusal(webmFile(2, 2, 1, { lastTicks: MEDIA_DURATION_MS_MAX + 1 }))).toBe("too_long");
    expect(refusal(webmFile(2, 2, 36_000_000, { scale: 0 }))).toBe("damaged");
    expect(refusal(webmFile(2, 2, 10_001, { scale: 1_000_001 }))).toBe("too_long");
  });

  it("[RP-10] JPEG is seen as decoders see it: no marker hides a frame from us, or another from them", () => {
    // A decoder goes on behind FF 00, where the frame is that we would take for a segment's body.
    const large = jpegFrameSegment(23_000, 23_000);
    const hidden = (marker: number): Uint8Array => jpegFile(100, 100, { segments: jpegSegment(marker, large) });
    for (let marker = 0; marker < 0xc0; marker++) if (marker !== 0x01) expect(refusal(hidden(marker))).toBe("damaged");
    for (const marker of [0xc8, 0xd8, 0xdc, 0xde, 0xdf, 0xf0, 0xfd]) expect(refusal(hidden(marker))).toBe("damaged");
    for (const marker of [0xc4, 0xcc, 0xdb, 0xdd, 0xe0, 0xef, 0xfe]) expect(refusal(hidden(marker))).toBeUndefined();
    expect(refusal(jpegFile(100, 100, { segments: large }))).toBe("damaged");
    expect(refusal(jpegFile(100, 100, { tail: large }))).toBe("damaged");
    expect(refusal(jpegFile(100, 100, { segments: jpegSegment(0xda, new Uint8Array(6)) }))).toBe("damaged");
    // Cameras keep a second picture behind the end.
    expect(
      refusal(jpegFile(100, 100, { tail: concatBytes(Uint8Array.of(0xff, 0xd9), jpegFile(5, 5)) })),
    ).toBeUndefined();
    expect(refusal(jpegFile(100, 100, { tail: new Uint8Array(0) }))).toBeUndefined();
    expect(refusal(jpegFile(100, 100, { tail: Uint8Array.of(0xff) }))).toBeUndefined();
  });

  it("[RP-10] JPEG has so many scans, and not one more", () => {
    expect(refusal(jpegFile(2_000, 2_000, { scans: JPEG_SCANS_MAX }))).toBeUndefined();
    expect(refusal(jpegFile(2_000, 2_000, { scans: JPEG_SCANS_MAX + 1 }))).toBe("damaged");
  });

  it.each([0, 3, 5, 255])(
    "[RP-10] GIF with a graphic control of %s bytes is refused: decoders begin elsewhere",
    (size) => {
      const gif = gifFile(30, 20, [100, 100]);
      gif[gif.indexOf(0xf9) + 1] = size;
      expect(refusal(gif)).toBe("damaged");
    },
  );

  it("[RP-10] knows pictures in the boxes of a film for no film", () => {
    for (const brand of ["heic", "mif1", "avif", "avis"]) {
      expect(refusal(concatBytes(mp4Box("ftyp", new TextEncoder().encode(brand)), new Uint8Array(20)))).toBe(
        "unknown_type",
      );
    }
  });

  it("[EN-4] is a refusal where a name is as long as a file", () => {
    for (const size of [33, 200_000]) expect(refusal(webmFile(2, 2, 1, { docType: "w".repeat(size) }))).toBe("damaged");
  });

  it("[RP-10] has so many parts, whichever level they stand on", () => {
    // Eight are not tracks: header, type, segment, info, scale, duration, tracks and the frames' six; each track has five.
    const withTracks = (count: number): Uint8Array => webmFile(2, 2, 1, { tracks: [1, ...repeat(count, 2)] });
    expect(refusal(withTracks(Math.floor(MEDIA_PARTS_MAX / 5) - 4))).toBe("has_sound");
    expect(refusal(withTracks(Math.floor(MEDIA_PARTS_MAX / 5) + 1))).toBe("damaged");
  });

  it("[RP-10] has so many parts, and not one more", () => {
    const withParts = (count: number): Uint8Array => {
      const comment = Uint8Array.of(0x21, 0xfe, 0);
      const gif = gifFile(1, 1);
      // One for the control, the picture and the trailer each.
      const comments = Array.from({ length: count - 3 }, () => comment);
      return concatBytes(gif.subarray(0, -1), ...comments, gif.subarray(-1));
    };
    expect(refusal(withParts(MEDIA_PARTS_MAX))).toBeUndefined();
    expect(refusal(withParts(MEDIA_PARTS_MAX + 1))).toBe("damaged");
  });

  it("[EN-4] is a value or a refusal, whatever the bytes", () => {
    fc.assert(
      fc.property(hostileBytes(ALL), (bytes) => {
        const judged = judgeMedia(bytes, "others");
        if (!judged.ok) return;
        const { width, height, frames, durationMs } = judged.media;
        expect(width * height).toBeLessThanOrEqual(MEDIA_SHOWN_PIXELS_MAX);
        expect(frames ?? 1).toBeLessThanOrEqual(ANIMATION_FRAMES_MAX);
        expect(durationMs).toBeLessThanOrEqual(MEDIA_DURATION_MS_MAX);
      }),
      { numRuns: runs(5_000, 500_000), seed: 17 },
    );
  });
});
