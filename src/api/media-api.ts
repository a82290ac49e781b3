/**
 * Why a picture is not taken. As files are judged: `too_large` bytes, `too_many_pixels`, `too_long`, `has_sound`,
 * `unknown_type`, `damaged`. Besides, `not_a_still` moves; `no_decoder`: this browser cannot make pictures in a worker.
 */
export type PictureRefusal =
  | "too_large"
  | "too_many_pixels"
  | "too_long"
  | "has_sound"
  | "unknown_type"
  | "damaged"
  | "not_a_still"
  | "no_decoder";

/** A picture made anew from its pixels: nothing else of the file it came from is in it, neither place nor camera. */
export interface MadePicture {
  readonly ok: true;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `image/webp`, or `image/jpeg` where the browser writes no WebP. */
  readonly mime: string;
  readonly width: number;
  readonly height: number;
}

export type PictureResult = MadePicture | { readonly ok: false; readonly code: PictureRefusal };

/** An animation or a video as it is sent: its frames as they were, and nothing beside them that tells of its maker. */
export type MotionResult =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly mime: string;
      readonly width: number;
      readonly height: number;
      /** Of one round. */
      readonly durationMs: number;
    }
  | { readonly ok: false; readonly code: Exclude<PictureRefusal, "not_a_still" | "no_decoder"> | "is_a_still" };

/** What the media worker offers. */
export interface MediaApi {
  /** A file of the own device, as small as it has to be to be sent (RP-10). */
  preparePicture(file: Uint8Array): Promise<PictureResult>;
  /** The same for what moves, which no browser can make anew: at most 256 KiB. */
  prepareMotion(file: Uint8Array): Promise<MotionResult>;
  /** A picture of somebody else, as it may be shown. */
  showPicture(file: Uint8Array): Promise<PictureResult>;
}
