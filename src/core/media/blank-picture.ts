import { concatBytes } from "../bytes/concat-bytes.ts";
import { ByteScan } from "./byte-scan.ts";

/** Of an animated PNG: what pictures are made of, and how their colours are meant. */
const PNG_KEPT = [
  ...["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "acTL", "fcTL", "fdAT"],
  ...["cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs"],
];
const PNG_SIGNATURE_SIZE = 8;

/** A chunk stands for itself: what is left out is missed by none. */
export function withoutPngTexts(bytes: Uint8Array): Uint8Array {
  const scan = new ByteScan(bytes);
  const parts = [bytes.subarray(0, PNG_SIGNATURE_SIZE)];
  scan.skip(PNG_SIGNATURE_SIZE);
  const first = scan.place - PNG_SIGNATURE_SIZE;
  while (scan.remaining > 0) {
    const at = scan.place - first;
    const size = scan.u32be();
    const type = scan.text(4);
    scan.skip(size + 4);
    if (PNG_KEPT.includes(type)) parts.push(bytes.subarray(at, scan.place - first));
  }
  return concatBytes(...parts);
}

const WEBP_KEPT = ["VP8X", "VP8 ", "VP8L", "ANIM", "ANMF", "ALPH", "ICCP"];
/** Bits of VP8X (RFC 9649, 2.7): the file has EXIF, or XMP. */
const WEBP_METADATA_FLAGS = 0x0c;
/** Unknown to all, and so passed over by all. */
const JUNK = Uint8Array.from("JUNK", (sign) => sign.charCodeAt(0));

export function blankWebp(scan: ByteScan, out: Uint8Array): void {
  scan.skip(12);
  while (scan.remaining > 0) {
    const at = scan.place;
    const type = scan.text(4);
    const size = scan.u32le();
    const start = scan.place;
    scan.skip(size + (size % 2));
    if (type === "VP8X") out[start]! &= ~WEBP_METADATA_FLAGS;
    if (WEBP_KEPT.includes(type)) continue;
    out.set(JUNK, at);
    out.fill(0, start, start + size);
  }
}

const GIF = { trailer: 0x3b, extension: 0x21, control: 0xf9, application: 0xff } as const;
/** They say how often the animation runs. */
const GIF_LOOPS = ["NETSCAPE2.0", "ANIMEXTS1.0"];

/** Zeros in the place of comments, of texts beside the pictures and of what programs add. */
export function blankGif(scan: ByteScan, out: Uint8Array): void {
  scan.skip(10);
  skipColours(scan, 2);
  for (let block = scan.u8(); block !== GIF.trailer; block = scan.u8()) {
    if (block === GIF.extension) {
      const label = scan.u8();
      const isKept = label === GIF.control || (label === GIF.application && GIF_LOOPS.includes(firstText(scan)));
      skipBlocks(scan, isKept ? undefined : out);
    } else {
      scan.skip(8);
      skipColours(scan, 0);
      scan.skip(1);
      skipBlocks(scan, undefined);
    }
  }
}

/** The next block as text; it stays. */
function firstText(scan: ByteScan): string {
  const size = scan.peek(0) ?? 0;
  const signs = Array.from({ length: size }, (_, index) => scan.peek(1 + index) ?? 0);
  return String.fromCharCode(...signs);
}

function skipColours(scan: ByteScan, between: number): void {
  const flags = scan.u8();
  scan.skip(between);
  if ((flags & 0x80) !== 0) scan.skip(3 * 2 ** ((flags & 0x07) + 1));
}

function skipBlocks(scan: ByteScan, blanked: Uint8Array | undefined): void {
  for (let size = scan.u8(); size !== 0; size = scan.u8()) {
    blanked?.fill(0, scan.place, scan.place + size);
    scan.skip(size);
  }
}
