import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../src/core/bytes/decode-error.ts";
import { encodeUtf8 } from "../../../src/core/bytes/utf8.ts";
import {
  decodeErrorFrame,
  decodeFrame,
  encodeErrorFrame,
  encodeFrame,
  END_FRAME,
  ERROR_CODE,
  FRAME_TYPE,
  isEndFrame,
} from "../../../src/wire/frame.ts";
import { ERROR_TEXT_BYTES_MAX } from "../../../src/wire/limits.ts";
import { codecContract } from "../../support/codec-contract.ts";

codecContract("frames", {
  encode: (frame) => encodeFrame(frame.type, frame.body),
  // A frame ends where its bytes end, so only the empty one is refused; the contract's cut bytes are other frames.
  decode: (bytes) => {
    const frame = decodeFrame(bytes);
    if (frame.body.length !== 3) throw new DecodeError("not of the tested size");
    return { type: frame.type, body: frame.body.slice() };
  },
  arbitrary: fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    body: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  }),
});

describe("frames that every protocol has", () => {
  it("the end is one byte, 0", () => {
    expect([...END_FRAME]).toEqual([FRAME_TYPE.end]);
    expect(isEndFrame(END_FRAME)).toBe(true);
    expect(isEndFrame(Uint8Array.of(0, 0))).toBe(false);
    expect(() => decodeFrame(new Uint8Array(0))).toThrow(DecodeError);
  });

  it("ERROR_TEXT_BYTES_MAX: a longer text is cut at a character, and a longer one received is refused", () => {
    const fits = "a".repeat(ERROR_TEXT_BYTES_MAX);
    expect(decodeErrorFrame(encodeErrorFrame({ code: ERROR_CODE.busy, text: fits }))).toEqual({ code: 3, text: fits });
    const cut = decodeErrorFrame(encodeErrorFrame({ code: 65_535, text: `${"a".repeat(127)}é and more` }));
    expect(cut).toEqual({ code: 65_535, text: "a".repeat(127) });
    const over = Uint8Array.from([255, 1, 0, ...encodeUtf8(`${fits}a`)]);
    expect(() => decodeErrorFrame(over)).toThrow(DecodeError);
    expect(() => decodeErrorFrame(Uint8Array.of(255, 1, 0, 0xff))).toThrow(DecodeError);
  });
});
