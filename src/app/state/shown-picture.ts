import type { MadePicture, Motion } from "../../api/media-api.ts";

/** Addresses of this page's own for what was made or looked through here: nothing else is ever shown so. */
export interface ShownPicture {
  readonly url: string;
  readonly motion: Motion["type"] | "none";
  /** The first frame of an animation. */
  readonly stillUrl: string | undefined;
  /** What its file says of itself, and was let through for. */
  readonly judged: { readonly pixels: number; readonly durationMs: number };
}

/** Takes memory until {@link forgetPicture}. */
export function showMade({ bytes, mime, width, height, motion }: MadePicture): ShownPicture {
  const urlOf = (file: Pick<MadePicture, "bytes" | "mime">): string =>
    URL.createObjectURL(new Blob([file.bytes], { type: file.mime }));
  const still = motion?.still;
  return {
    url: urlOf({ bytes, mime }),
    motion: motion?.type ?? "none",
    stillUrl: still === undefined ? undefined : urlOf(still),
    judged: { pixels: width * height, durationMs: motion?.durationMs ?? 0 },
  };
}

export function forgetPicture({ url, stillUrl }: ShownPicture): void {
  for (const each of [url, stillUrl]) if (each !== undefined) URL.revokeObjectURL(each);
}
