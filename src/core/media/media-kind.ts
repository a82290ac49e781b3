/** What may be shown. Everything else is refused, whatever it calls itself. */
export type MediaKind = "png" | "jpeg" | "webp" | "gif" | "mp4" | "webm";

const MIME: Readonly<Record<MediaKind, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  mp4: "video/mp4",
  webm: "video/webm",
};

export function mimeOf(kind: MediaKind): string {
  return MIME[kind];
}

/** Brands of ISO/IEC 23008-12 and AVIF: pictures in the boxes of a film. */
const PICTURE_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"];

/** By its first bytes alone: neither a name nor a stated type counts. */
export function mediaKind(bytes: Uint8Array): MediaKind | undefined {
  const at = (offset: number, text: string): boolean => {
    for (let index = 0; index < text.length; index++) {
      if (bytes[offset + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  };
  if (at(0, "\x89PNG\r\n\x1a\n")) return "png";
  if (at(0, "\xff\xd8\xff")) return "jpeg";
  if (at(0, "RIFF") && at(8, "WEBP")) return "webp";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "gif";
  if (at(4, "ftyp")) return PICTURE_BRANDS.some((brand) => at(8, brand)) ? undefined : "mp4";
  return at(0, "\x1a\x45\xdf\xa3") ? "webm" : undefined;
}
