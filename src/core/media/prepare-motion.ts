import { tryDecode } from "../bytes/decode-error.ts";
import { blankMetadata } from "./blank-metadata.ts";
import { judgeMedia, type MediaRefusal } from "./judge-media.ts";
import { mimeOf } from "./media-kind.ts";

export type PreparedMotion =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly mime: string;
      readonly width: number;
      readonly height: number;
      readonly durationMs: number;
    }
  | { readonly ok: false; readonly code: MediaRefusal | "is_a_still" };

/**
 * An animation or a video of the own device as it is sent (RP-10): judged as whoever gets it will judge it, and without what
 * tells of its maker.
 */
export function prepareMotion(file: Uint8Array): PreparedMotion {
  const judged = judgeMedia(file, "others");
  if (!judged.ok) return judged;
  const { kind, type } = judged.media;
  if (type === "still" || kind === "jpeg") return { ok: false, code: "is_a_still" };
  const blanked = tryDecode((bytes) => blankMetadata(kind, bytes), file);
  const again = blanked.ok ? judgeMedia(blanked.value, "others") : undefined;
  if (!blanked.ok || again?.ok !== true) return { ok: false, code: "damaged" };
  const { width, height, durationMs } = again.media;
  return { ok: true, bytes: blanked.value, mime: mimeOf(kind), width, height, durationMs };
}
