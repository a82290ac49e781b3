import { blankMp4 } from "./blank-mp4.ts";
import { blankGif, blankWebp, withoutPngTexts } from "./blank-picture.ts";
import { blankWebm } from "./blank-webm.ts";
import { ByteScan } from "./byte-scan.ts";
import type { MediaKind } from "./media-kind.ts";

type Blank = (scan: ByteScan, out: Uint8Array) => void;

/** JPEG never moves, and stills are made anew from their pixels. */
const IN_PLACE: Readonly<Record<Exclude<MediaKind, "png" | "jpeg">, Blank>> = {
  webp: blankWebp,
  gif: blankGif,
  mp4: blankMp4,
  webm: blankWebm,
};

/**
 * The same film or animation without what tells of whoever made it: place, time, camera, programs, titles, comments and
 * pictures beside it. Nothing moves in the file, since players find pictures by their offsets; in a PNG, where they do not,
 * it is left out. What is hidden among the coded pictures themselves stays. Throws DecodeError for what `judgeMedia`
 * refuses.
 */
export function blankMetadata(kind: Exclude<MediaKind, "jpeg">, bytes: Uint8Array): Uint8Array {
  if (kind === "png") return withoutPngTexts(bytes);
  const out = bytes.slice();
  IN_PLACE[kind](new ByteScan(out), out);
  return out;
}
