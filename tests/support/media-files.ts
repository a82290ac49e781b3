import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";
import { parseHex } from "../../src/core/bytes/hex.ts";
import { u16, u32 } from "../../src/core/bytes/writer.ts";

/** Files as far as their structure goes: nothing in them can be decoded unless it says so. */

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const u16be = (value: number): Uint8Array => u16(value).reverse();
const u32be = (value: number): Uint8Array => u32(value).reverse();
const u24 = (value: number): Uint8Array => u32(value).subarray(0, 3);
const zeros = (size: number): Uint8Array => new Uint8Array(size);

const pngChunk = (type: string, body: Uint8Array): Uint8Array =>
  concatBytes(u32be(body.length), ascii(type), body, zeros(4));

/** `delaysMs`: of the frames of an animation. */
export function pngFile(width: number, height: number, delaysMs: readonly number[] = []): Uint8Array {
  const frames = delaysMs.map((delay) =>
    pngChunk("fcTL", concatBytes(zeros(20), u16be(delay), u16be(1_000), zeros(2))),
  );
  return concatBytes(
    ascii("\x89PNG\r\n\x1a\n"),
    pngChunk("IHDR", concatBytes(u32be(width), u32be(height), zeros(5))),
    ...frames,
    pngChunk("IDAT", zeros(10)),
    pngChunk("IEND", zeros(0)),
  );
}

export function jpegFile(width: number, height: number): Uint8Array {
  const exif = concatBytes(Uint8Array.of(0xff, 0xe1), u16be(12), zeros(10));
  const frame = concatBytes(
    Uint8Array.of(0xff, 0xc2),
    u16be(11),
    Uint8Array.of(8),
    u16be(height),
    u16be(width),
    zeros(4),
  );
  return concatBytes(Uint8Array.of(0xff, 0xd8), exif, Uint8Array.of(0xff), frame, Uint8Array.of(0xff, 0xda), zeros(9));
}

const riff = (...chunks: readonly Uint8Array[]): Uint8Array => {
  const body = concatBytes(ascii("WEBP"), ...chunks);
  return concatBytes(ascii("RIFF"), u32(body.length), body);
};
const chunk = (type: string, body: Uint8Array): Uint8Array =>
  concatBytes(ascii(type), u32(body.length), body, zeros(body.length % 2));

export const webpLossy = (width: number, height: number): Uint8Array =>
  riff(chunk("VP8 ", concatBytes(zeros(3), parseHex("9d012a"), u16(width), u16(height), zeros(5))));

export const webpLossless = (width: number, height: number): Uint8Array =>
  riff(chunk("VP8L", concatBytes(Uint8Array.of(0x2f), u32((width - 1) | ((height - 1) << 14)))));

export function webpAnimation(width: number, height: number, delaysMs: readonly number[]): Uint8Array {
  const head = chunk("VP8X", concatBytes(Uint8Array.of(2, 0, 0, 0), u24(width - 1), u24(height - 1)));
  const frames = delaysMs.map((delay) => chunk("ANMF", concatBytes(zeros(12), u24(delay), zeros(6))));
  return riff(head, ...frames);
}

/** Two colours; each frame of one dot can be decoded. */
export function gifFile(width: number, height: number, delaysMs: readonly number[] = [0], frameWidth = 1): Uint8Array {
  const frames = delaysMs.map((delay) =>
    concatBytes(
      Uint8Array.of(0x21, 0xf9, 4, 0),
      u16(delay / 10),
      Uint8Array.of(0, 0, 0x2c),
      concatBytes(u16(0), u16(0), u16(frameWidth), u16(1), Uint8Array.of(0)),
      Uint8Array.of(2, 2, 0x44, 0x01, 0),
    ),
  );
  const table = parseHex("000000ffffff");
  return concatBytes(ascii("GIF89a"), u16(width), u16(height), Uint8Array.of(0x80, 0, 0), table, ...frames, ascii(";"));
}

const box = (type: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
  const body = concatBytes(...bodies);
  return concatBytes(u32be(8 + body.length), ascii(type), body);
};

export function mp4File(
  width: number,
  height: number,
  durationMs: number,
  options: { readonly tracks?: readonly string[]; readonly more?: Uint8Array } = {},
): Uint8Array {
  const tracks = (options.tracks ?? ["vide"]).map((handler) =>
    box(
      "trak",
      box("tkhd", zeros(24 + 52), u32be(width * 65_536), u32be(height * 65_536)),
      box("mdia", box("hdlr", zeros(8), ascii(handler), zeros(12))),
    ),
  );
  const movie = box("moov", box("mvhd", zeros(12), u32be(1_000), u32be(durationMs), zeros(80)), ...tracks);
  return concatBytes(box("ftyp", ascii("isom"), zeros(4)), movie, options.more ?? zeros(0), box("mdat", zeros(20)));
}

export const mp4Box = box;

const element = (id: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
  const body = concatBytes(...bodies);
  // Sizes of eight bytes, as recorders write them.
  return concatBytes(parseHex(id), Uint8Array.of(1, 0, 0, 0), u32be(body.length), body);
};

export function webmFile(
  width: number,
  height: number,
  durationMs: number | undefined,
  options: { readonly tracks?: readonly number[]; readonly docType?: string } = {},
): Uint8Array {
  const float = zeros(8);
  new DataView(float.buffer).setFloat64(0, durationMs ?? 0);
  const info = element(
    "1549a966",
    element("2ad7b1", u32be(1_000_000)),
    ...(durationMs === undefined ? [] : [element("4489", float)]),
  );
  const tracks = (options.tracks ?? [1]).map((type) =>
    element(
      "ae",
      element("83", Uint8Array.of(type)),
      element("e0", element("b0", u16be(width)), element("ba", u16be(height))),
    ),
  );
  return concatBytes(
    element("1a45dfa3", element("4282", ascii(options.docType ?? "webm"))),
    element("18538067", info, element("1654ae6b", ...tracks), element("1f43b675", zeros(30))),
  );
}
