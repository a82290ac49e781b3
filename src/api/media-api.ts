/**
 * Why a picture is not taken. As files are judged: `too_large` bytes, `too_many_pixels`, `too_long`, `has_sound`,
 * `unknown_type`, `damaged`. Besides, `no_decoder`: this browser cannot make pictures in a worker.
 */
export type PictureRefusal =
  "too_large" | "too_many_pixels" | "too_long" | "has_sound" | "unknown_type" | "damaged" | "no_decoder";

/** Of what moves, which no browser can make anew: its frames as they were, without what tells of their maker. */
export interface Motion {
  readonly type: "animation" | "video";
  /** Of one round. */
  readonly durationMs: number;
  /** The first frame of an animation, made anew; a video shows its own. */
  readonly still: Pick<MadePicture, "bytes" | "mime"> | undefined;
}

/** A picture made anew from its pixels: nothing else of the file it came from is in it, neither place nor camera. */
export interface MadePicture {
  readonly ok: true;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `image/webp`, or `image/jpeg` where the browser writes no WebP; of what moves its own. */
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  /** undefined: it stands still. */
  readonly motion?: Motion | undefined;
}

export type PictureResult = MadePicture | { readonly ok: false; readonly code: PictureRefusal };

/** What the media worker offers. */
export interface MediaApi {
  /** A file of the own device, as small as it has to be to be sent (RP-10); what moves has to be small by itself. */
  preparePicture(file: Uint8Array): Promise<PictureResult>;
  /** A picture of somebody else, as it may be shown. */
  showPicture(file: Uint8Array): Promise<PictureResult>;
}
