import { LISTS, PLACE_SIZE, SCALAR_SLOT } from "./edwards-layout.ts";
import { addresses, advance, counters, repeat } from "./loop-code.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** Words of ℓ. */
const GROUP_ORDER = [0x5812631a5cf5d3edn, 0x14def9dea2f79cd6n, 0n, 0x1000000000000000n] as const;
/** The highest word of 2^251: scalars from here on are longer than ℓ minus themselves. */
const LONG = 1n << 59n;
/** The byte of a scalar's slot that is 1 where its number is to be negated. */
const SIGN_AT = SCALAR_SLOT - 1;

/**
 * Adds what makes digits of scalars. The module then exports, over addresses and counts from 1 on:
 * - `offset(count, scalars, number)`: adds a number, a slot wide, to every scalar, so that each window of it is a signed
 *   digit and half its range; in fixed time;
 * - `shorten(count, scalars)`: scalars above 2^251 become ℓ minus themselves, with a sign in the last byte of the slot.
 *   For public scalars, as is the rest;
 * - `listDigits(count, scalars, table, width, size, chunk, lists)`: puts the signed odd digits of shortened scalars, below
 *   2^(width − 1) and at least width − 1 zeros apart, into lists, as summands of `size` bytes out of a table of
 *   2^(width − 2) odd multiples for each chunk of 2^chunk bits of a scalar, and for each scalar. The list of a digit is
 *   that of its bit within the chunk: the multiples of chunk k are those of 2^(k·2^chunk) times the point.
 */
export function addDigits(module: WasmModule): void {
  module.add(addresses(3), writeOffset, "offset");
  module.add(addresses(2), writeShortening, "shorten");
  module.add(addresses(7), writeDigits, "listDigits");
}

function writeOffset(code: WasmCode): void {
  const [count, scalar, number] = code.params as [Local, Local, Local];
  const [carry, word, sum] = [code.local("i64"), code.local("i64"), code.local("i64")];
  repeat(code, count, () => {
    code.i64(0n).set(carry);
    for (let at = 0; at < SCALAR_SLOT; at += 8) {
      code.get(scalar).access("i64.load", at).tee(word).get(number).access("i64.load", at).do("i64.add").set(sum); // prettier-ignore
      code.get(scalar).get(sum).get(carry).do("i64.add").access("i64.store", at);
      // Only one of the two sums can be too large for a word.
      code.get(sum).get(word).do("i64.lt_u");
      code.get(sum).get(carry).do("i64.add").get(carry).do("i64.lt_u").do("i32.or").do("i64.extend_i32_u").set(carry); // prettier-ignore
    }
    advance(code, scalar, SCALAR_SLOT);
  });
}

function writeShortening(code: WasmCode): void {
  const [count, scalar] = code.params as [Local, Local];
  const [borrow, word, difference] = [code.local("i64"), code.local("i64"), code.local("i64")];
  repeat(code, count, () => {
    code.get(scalar).access("i64.load", 24).i64(LONG).do("i64.ge_u");
    code.when(() => {
      code.i64(0n).set(borrow);
      GROUP_ORDER.forEach((order, index) => {
        code.i64(order).get(scalar).access("i64.load", 8 * index).tee(word).do("i64.sub").set(difference); // prettier-ignore
        code.get(scalar).get(difference).get(borrow).do("i64.sub").access("i64.store", 8 * index); // prettier-ignore
        code.i64(order).get(word).do("i64.lt_u").get(difference).get(borrow).do("i64.lt_u"); // prettier-ignore
        code.do("i32.or").do("i64.extend_i32_u").set(borrow);
      });
      code.get(scalar).i32(1).access("i32.store8", SIGN_AT);
    });
    advance(code, scalar, SCALAR_SLOT);
  });
}

/** Bits are looked at 57 and more at a time; with a carry, ones count as zeros, and the other way round. */
function writeDigits(code: WasmCode): void {
  const [count, scalar, table, width, size, chunk, lists] = code.params as [Local, Local, Local, Local, Local, Local, Local]; // prettier-ignore
  const { bit, carry, digit, end, next } = counters(code, "bit", "carry", "digit", "end", "next");
  const [bits, sign, list] = [code.local("i64"), code.local("i32"), code.local("i32")];
  // The next free place.
  code
    .get(lists)
    .access("i32.load", 4 * LISTS)
    .set(next);
  repeat(code, count, () => {
    code.i32(0).tee(bit).set(carry);
    code.doWhile(() => {
      code.get(scalar).get(bit).i32(3).do("i32.shr_u").do("i32.add").access("i64.load", 0); // prettier-ignore
      code.get(bit).i32(7).do("i32.and").do("i64.extend_i32_u").do("i64.shr_u").set(bits); // prettier-ignore
      code.i64(0n).get(carry).do("i64.extend_i32_u").do("i64.sub").get(bits).do("i64.xor"); // prettier-ignore
      code
        .i64(1n << 56n)
        .do("i64.or")
        .do("i64.ctz")
        .do("i32.wrap_i64")
        .tee(digit);
      code.either(
        () => code.get(bit).get(digit).do("i32.add").set(bit),
        () => {
          code.i32(1).get(width).do("i32.shl").set(end);
          code.get(bits).do("i32.wrap_i64").get(end).i32(1).do("i32.sub").do("i32.and"); // prettier-ignore
          code.get(carry).do("i32.add").set(digit);
          // Digits of the upper half are taken negative, and carry.
          code.get(digit).i32(1).do("i32.shl").get(end).do("i32.lt_u").do("i32.eqz").tee(carry); // prettier-ignore
          code.get(scalar).access("i32.load8_u", SIGN_AT).do("i32.xor").set(sign);
          code.get(carry).when(() => code.get(end).get(digit).do("i32.sub").set(digit));
          code.get(bit).i32(1).get(chunk).do("i32.shl").i32(1).do("i32.sub").do("i32.and"); // prettier-ignore
          code.i32(2).do("i32.shl").get(lists).do("i32.add").set(list);
          code.get(next).get(list).access("i32.load", 0).access("i32.store", 0);
          code.get(bit).get(chunk).do("i32.shr_u").get(width).i32(2).do("i32.sub").do("i32.shl"); // prettier-ignore
          code.get(digit).i32(1).do("i32.shr_u").do("i32.add").get(size).do("i32.mul").set(digit);
          code.get(next).get(table).get(digit).do("i32.add").get(sign).do("i32.or").access("i32.store", 4);
          code.get(list).get(next).access("i32.store", 0);
          advance(code, next, PLACE_SIZE);
          code.get(bit).get(width).do("i32.add").set(bit);
        },
      );
      code.get(bit).i32(LISTS).do("i32.lt_u");
    });
    advance(code, scalar, SCALAR_SLOT);
    code.get(table).get(size).get(width).i32(2).do("i32.sub").do("i32.shl").i32(LISTS).get(chunk).do("i32.shr_u"); // prettier-ignore
    code.do("i32.mul").do("i32.add").set(table);
  });
  code
    .get(lists)
    .get(next)
    .access("i32.store", 4 * LISTS);
}
