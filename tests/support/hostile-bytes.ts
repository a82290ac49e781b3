import fc from "fast-check";
import { DecodeError } from "../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";

/** A decoder with its encoder and some valid encodings to bend. */
export interface Codec {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** Decodes and encodes again. */
  readonly recode: (bytes: Uint8Array) => Uint8Array;
}

/** The codec of a pair of functions. */
export function codecOf<T>(
  name: string,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  samples: readonly Uint8Array[],
): Codec {
  return { name, samples, recode: (bytes) => encode(decode(bytes)) };
}

type Bend = (bytes: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (bytes: Uint8Array, where: number): number => Math.floor(where * Math.max(bytes.length, 1));

/** One way to spoil an encoding: a changed byte, a cut, a piece put in, taken out or copied. */
const bend: fc.Arbitrary<Bend> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([where, mask]): Bend => {
    return (bytes) => bytes.map((byte, index) => (index === at(bytes, where) ? byte ^ mask : byte));
  }),
  // Counts, tags and versions stand in front, and the extremes are where limits are.
  fc.tuple(fc.nat(64), fc.constantFrom(0, 1, 127, 128, 255)).map(([where, value]): Bend => {
    return (bytes) => bytes.map((byte, index) => (index === where ? value : byte));
  }),
  place.map(
    (where): Bend =>
      (bytes) =>
        bytes.slice(0, at(bytes, where)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(([where, piece]): Bend => {
    return (bytes) => join(bytes.slice(0, at(bytes, where)), piece, bytes.slice(at(bytes, where)));
  }),
  fc.tuple(place, fc.nat(96)).map(([where, size]): Bend => {
    return (bytes) => join(bytes.slice(0, at(bytes, where)), bytes.slice(at(bytes, where) + size));
  }),
  fc.tuple(place, fc.nat(96)).map(([where, size]): Bend => {
    const piece = (bytes: Uint8Array): Uint8Array => bytes.slice(at(bytes, where), at(bytes, where) + size);
    return (bytes) => join(bytes, piece(bytes));
  }),
);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Bytes nobody sent on purpose, and valid encodings spoilt in up to three places. */
export function hostileBytes(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const random = fc.uint8Array({ maxLength: 700 });
  const bent = fc.tuple(fc.constantFrom(...samples), fc.array(bend, { minLength: 1, maxLength: 3 }));
  return fc.oneof(
    { arbitrary: random, weight: 1 },
    { arbitrary: bent.map(([sample, bends]) => bends.reduce((bytes, change) => change(bytes), sample)), weight: 4 },
  );
}

/** EN-3, EN-4: any bytes give a value that encodes to the same bytes, or a DecodeError. */
export function checkDecoder(codec: Codec, cases: number): void {
  for (const sample of codec.samples) {
    if (formatHex(codec.recode(sample)) !== formatHex(sample))
      throw new Error(`${codec.name}: a sample is not canonical`);
  }
  fc.assert(
    fc.property(hostileBytes(codec.samples), (bytes) => {
      const before = bytes.slice();
      let again: Uint8Array;
      try {
        again = codec.recode(bytes);
      } catch (error) {
        if (error instanceof DecodeError) return true;
        throw error;
      }
      return same(again, before) && same(bytes, before);
    }),
    { numRuns: cases },
  );
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
