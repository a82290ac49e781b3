import type { MadePicture, MediaApi, PictureResult } from "../../api/media-api.ts";
import { judgeMedia, type MediaOrigin } from "../../core/media/judge-media.ts";
import { type MediaKind, mimeOf } from "../../core/media/media-kind.ts";
import { prepareMotion } from "../../core/media/prepare-motion.ts";
import { MEDIA_SHOWN_BYTES_MAX, PICTURE_SIDE_MAX } from "../../core/params/media-limits.ts";

/** From what looks best to what is small; then a smaller picture begins at the top again. */
const QUALITIES = [0.85, 0.7, 0.5];
const SHRINK = 0.7;
/** 1,280 becomes 150 by then: whatever is in it, it fits. */
const SIZES_MAX = 7;

/**
 * Pictures through the browser's own decoder and a fresh canvas, in a worker, so that a bad file costs a worker and no page.
 * Only what {@link judgeMedia} lets through is decoded, and only pixels come out, but of what moves: its frames stay.
 */
export const mediaService: MediaApi = {
  preparePicture: (file) => makePicture(file, "own"),
  showPicture: (file) => makePicture(file, "others"),
};

async function makePicture(file: Uint8Array, origin: MediaOrigin): Promise<PictureResult> {
  const judged = judgeMedia(file, origin);
  if (!judged.ok) return judged;
  const { kind, type, width, height } = judged.media;
  if (type !== "still") return makeMoving(file, kind, type);
  return draw(file, kind, width * height);
}

async function makeMoving(file: Uint8Array, kind: MediaKind, type: "animation" | "video"): Promise<PictureResult> {
  const prepared = prepareMotion(file);
  if (!prepared.ok) return { ok: false, code: prepared.code === "is_a_still" ? "damaged" : prepared.code };
  const { mime, width, height, durationMs } = prepared;
  const bytes = prepared.bytes.slice();
  // The page's own decoder has the last word on a film.
  if (type === "video") return { ok: true, bytes, mime, width, height, motion: { type, durationMs, still: undefined } };
  const still = await draw(bytes, kind, width * height);
  return still.ok ? { ok: true, bytes, mime, width, height, motion: { type, durationMs, still } } : still;
}

/** The first frame, drawn anew. */
async function draw(file: Uint8Array, kind: MediaKind, pixels: number): Promise<PictureResult> {
  if (typeof OffscreenCanvas === "undefined" || typeof createImageBitmap === "undefined") {
    return { ok: false, code: "no_decoder" };
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([file.slice()], { type: mimeOf(kind) }));
  } catch {
    return { ok: false, code: "damaged" };
  }
  try {
    // A decoder that sees another size than we did was given another file than we read; turned by 90° it is the same.
    if (bitmap.width * bitmap.height !== pixels) return { ok: false, code: "damaged" };
    return (await encode(bitmap)) ?? { ok: false, code: "too_large" };
  } finally {
    bitmap.close();
  }
}

async function encode(bitmap: ImageBitmap): Promise<MadePicture | undefined> {
  let scale = Math.min(1, PICTURE_SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  for (let size = 0; size < SIZES_MAX; size++, scale *= SHRINK) {
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    if (context === null) return undefined;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    for (const quality of QUALITIES) {
      const blob = await toBlob(canvas, context, quality);
      if (blob.size > MEDIA_SHOWN_BYTES_MAX) continue;
      return { ok: true, bytes: new Uint8Array(await blob.arrayBuffer()), mime: blob.type, width, height };
    }
  }
  return undefined;
}

async function toBlob(
  canvas: OffscreenCanvas,
  context: OffscreenCanvasRenderingContext2D,
  quality: number,
): Promise<Blob> {
  const webp = await canvas.convertToBlob({ type: "image/webp", quality });
  if (webp.type === "image/webp") return webp;
  // JPEG knows no transparency: what was clear would be black.
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}
