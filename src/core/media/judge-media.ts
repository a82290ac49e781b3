import { tryDecode } from "../bytes/decode-error.ts";
import {
  ANIMATION_FRAMES_MAX,
  ANIMATION_PIXELS_MAX,
  MEDIA_DURATION_MS_MAX,
  MEDIA_SHOWN_BYTES_MAX,
  MEDIA_SHOWN_PIXELS_MAX,
  MEDIA_SOURCE_BYTES_MAX,
  MEDIA_SOURCE_PIXELS_MAX,
  VIDEO_PIXELS_MAX,
} from "../params/media-limits.ts";
import { ByteScan } from "./byte-scan.ts";
import type { MediaFacts } from "./media-facts.ts";
import { mediaKind, type MediaKind } from "./media-kind.ts";
import { readMp4 } from "./read-mp4.ts";
import { readGif, readJpeg, readPng, readWebp } from "./read-picture.ts";
import { readWebm } from "./read-webm.ts";

/** Where a file comes from: a person's own device, or somebody else. */
export type MediaOrigin = "own" | "others";

/**
 * `too_large` bytes, `too_many_pixels` in width by height or in all frames, `too_long` by time or frames; `unknown_type` is
 * none of the six; `damaged` cannot be read, or is more than one file.
 */
export type MediaRefusal = "too_large" | "unknown_type" | "damaged" | "too_many_pixels" | "too_long" | "has_sound";

export interface JudgedMedia extends MediaFacts {
  readonly kind: MediaKind;
  readonly type: "still" | "animation" | "video";
}

export type MediaJudgement =
  { readonly ok: true; readonly media: JudgedMedia } | { readonly ok: false; readonly code: MediaRefusal };

const LIMITS = {
  own: { bytesMax: MEDIA_SOURCE_BYTES_MAX, pixelsMax: MEDIA_SOURCE_PIXELS_MAX },
  others: { bytesMax: MEDIA_SHOWN_BYTES_MAX, pixelsMax: MEDIA_SHOWN_PIXELS_MAX },
} as const;

const READ: Readonly<Record<MediaKind, (scan: ByteScan) => MediaFacts>> = {
  png: readPng,
  jpeg: readJpeg,
  webp: readWebp,
  gif: readGif,
  mp4: readMp4,
  webm: readWebm,
};

/**
 * May this be given to a decoder at all? Looks at structure alone, cheap before costly: what a few bytes would blow up to is
 * refused before anything is made of it. What it says of itself may still be a lie; a decoder has the last word.
 */
export function judgeMedia(bytes: Uint8Array, origin: MediaOrigin): MediaJudgement {
  const { bytesMax, pixelsMax } = LIMITS[origin];
  if (bytes.length > bytesMax) return { ok: false, code: "too_large" };
  const kind = mediaKind(bytes);
  if (kind === undefined) return { ok: false, code: "unknown_type" };
  const read = tryDecode((each) => READ[kind](new ByteScan(each)), bytes);
  if (!read.ok) return { ok: false, code: "damaged" };
  const { width, height, frames, durationMs, hasSound } = read.value;
  const type = frames === undefined ? "video" : frames === 1 ? "still" : "animation";
  if (width === 0 || height === 0) return { ok: false, code: "damaged" };
  const pixels = width * height;
  const isTooMany =
    pixels > (type === "video" ? VIDEO_PIXELS_MAX : pixelsMax) ||
    (type === "animation" && pixels * frames! > ANIMATION_PIXELS_MAX);
  if (isTooMany) return { ok: false, code: "too_many_pixels" };
  if (durationMs > MEDIA_DURATION_MS_MAX || (frames ?? 1) > ANIMATION_FRAMES_MAX)
    return { ok: false, code: "too_long" };
  if (hasSound) return { ok: false, code: "has_sound" };
  return { ok: true, media: { kind, type, width, height, frames, durationMs, hasSound } };
}
