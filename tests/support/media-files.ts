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

const segment = (marker: number, body: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0xff, marker), u16be(2 + body.length), body);
const jpegFrame = (width: number, height: number): Uint8Array =>
  segment(0xc2, concatBytes(Uint8Array.of(8), u16be(height), u16be(width), zeros(4)));

/** Coded data with all that may stand in it: a stuffed FF, a restart, and one FF more. */
const SCAN_DATA = parseHex("0102ff0003ffd004ffffd105");

/**
 * Progressive. `segments` stand before the frame, `scans` of them behind; `tail` in place of the end.
 */
export function jpegFile(
  width: number,
  height: number,
  options: { readonly segments?: Uint8Array; readonly scans?: number; readonly tail?: Uint8Array } = {},
): Uint8Array {
  const scan = concatBytes(segment(0xda, zeros(6)), SCAN_DATA);
  return concatBytes(
    Uint8Array.of(0xff, 0xd8),
    segment(0xe1, zeros(10)),
    options.segments ?? zeros(0),
    // One FF more, as files may have.
    Uint8Array.of(0xff),
    jpegFrame(width, height),
    ...Array.from({ length: options.scans ?? 1 }, () => scan),
    options.tail ?? Uint8Array.of(0xff, 0xd9),
  );
}
export const jpegSegment = segment;
export const jpegFrameSegment = jpegFrame;

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

export interface Mp4Options {
  readonly tracks?: readonly string[];
  /** In front of the pictures. */
  readonly more?: Uint8Array;
  /** In the boxes that say what the film is: of the film, of each track, of its media. */
  readonly inside?: Uint8Array;
  /** Of mvhd, tkhd and mdhd; 8 bytes. */
  readonly made?: Uint8Array;
  /** Of the handler. */
  readonly name?: Uint8Array;
  /** What one of several places says; by default all say the same. */
  readonly codedSize?: readonly [number, number];
  readonly trackMs?: number;
  readonly mediaMs?: number;
  readonly samplesMs?: number;
  /** A type of box that comes twice. */
  readonly twice?: string;
  /** A type of box that is missing. */
  readonly without?: string;
}

/** Times in milliseconds everywhere. */
export function mp4File(width: number, height: number, durationMs: number, options: Mp4Options = {}): Uint8Array {
  const own = (type: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
    const one = options.without === type ? zeros(0) : box(type, ...bodies);
    return options.twice === type ? concatBytes(one, one) : one;
  };
  const made = options.made ?? zeros(8);
  const inside = options.inside ?? zeros(0);
  const [codedWidth, codedHeight] = options.codedSize ?? [width, height];
  const entry = box("avc1", zeros(24), u16be(codedWidth), u16be(codedHeight), zeros(50));
  const samples = own(
    "minf",
    own(
      "stbl",
      own("stsd", zeros(4), u32be(1), entry),
      own("stts", zeros(4), u32be(1), u32be(1), u32be(options.samplesMs ?? durationMs)),
    ),
  );
  const tracks = (options.tracks ?? ["vide"]).map((handler) =>
    box(
      "trak",
      own(
        "tkhd",
        zeros(4),
        made,
        zeros(8),
        u32be(options.trackMs ?? durationMs),
        zeros(52),
        u32be(width * 65_536),
        u32be(height * 65_536),
      ),
      own(
        "mdia",
        own("mdhd", zeros(4), made, u32be(1_000), u32be(options.mediaMs ?? durationMs), zeros(4)),
        own("hdlr", zeros(8), ascii(handler), zeros(12), options.name ?? zeros(0)),
        handler === "vide" ? samples : zeros(0),
        inside,
      ),
      inside,
    ),
  );
  const movie = own("moov", own("mvhd", zeros(4), made, u32be(1_000), u32be(durationMs), zeros(80)), ...tracks, inside);
  return concatBytes(box("ftyp", ascii("isom"), zeros(4)), movie, options.more ?? zeros(0), box("mdat", zeros(20)));
}

export const mp4Box = box;

const element = (id: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
  const body = concatBytes(...bodies);
  // Sizes of eight bytes, as recorders write them.
  return concatBytes(parseHex(id), Uint8Array.of(1, 0, 0, 0), u32be(body.length), body);
};

export interface WebmOptions {
  readonly tracks?: readonly number[];
  readonly docType?: string;
  /** Nanoseconds of a tick. */
  readonly scale?: number;
  /** Where the last cluster begins. */
  readonly lastTicks?: number;
  /** Id of an element that comes twice. */
  readonly twice?: string;
  /** At the end of the segment, of its information, and of each track. */
  readonly more?: Uint8Array;
  readonly infoMore?: Uint8Array;
  readonly trackMore?: Uint8Array;
}

export function webmFile(
  width: number,
  height: number,
  durationTicks: number | undefined,
  options: WebmOptions = {},
): Uint8Array {
  const own = (id: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
    const one = element(id, ...bodies);
    return options.twice === id ? concatBytes(one, one) : one;
  };
  const float = zeros(8);
  new DataView(float.buffer).setFloat64(0, durationTicks ?? 0);
  const info = own(
    "1549a966",
    own("2ad7b1", u32be(options.scale ?? 1_000_000)),
    ...(durationTicks === undefined ? [] : [own("4489", float)]),
    options.infoMore ?? zeros(0),
  );
  const tracks = (options.tracks ?? [1]).map((type) =>
    element(
      "ae",
      own("83", Uint8Array.of(type)),
      own("e0", own("b0", u16be(width)), own("ba", u16be(height))),
      options.trackMore ?? zeros(0),
    ),
  );
  const frames = element("a3", zeros(30));
  return concatBytes(
    own("1a45dfa3", own("4282", ascii(options.docType ?? "webm"))),
    own(
      "18538067",
      info,
      own("1654ae6b", ...tracks),
      element("1f43b675", element("e7", Uint8Array.of(0)), frames),
      element("1f43b675", own("e7", u32be(options.lastTicks ?? 0)), frames),
      options.more ?? zeros(0),
    ),
  );
}

/** With a size of one byte, as programs write the small ones, or of eight. */
export const webmElement = (id: string, body: Uint8Array, isShort = true): Uint8Array =>
  isShort ? concatBytes(parseHex(id), Uint8Array.of(0x80 | body.length), body) : element(id, body);
export const gifExtension = (label: number, ...blocks: readonly Uint8Array[]): Uint8Array =>
  concatBytes(
    Uint8Array.of(0x21, label),
    ...blocks.flatMap((block) => [Uint8Array.of(block.length), block]),
    Uint8Array.of(0),
  );
/** In front of what ends the file. */
export const pngWith = (file: Uint8Array, type: string, body: Uint8Array): Uint8Array =>
  concatBytes(file.subarray(0, -12), pngChunk(type, body), file.subarray(-12));
export const gifWith = (file: Uint8Array, extension: Uint8Array): Uint8Array =>
  concatBytes(file.subarray(0, -1), extension, file.subarray(-1));
/** Behind the last chunk; VP8X says that it is there. */
export function webpWith(file: Uint8Array, type: string, body: Uint8Array, flags: number): Uint8Array {
  const out = concatBytes(file, chunk(type, body));
  out.set(u32(out.length - 8), 4);
  out[20]! |= flags;
  return out;
}
