import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { amount, AMOUNT_LIMIT } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import {
  cleanRequestText,
  decodePaymentRequest,
  encodePaymentRequest,
  formatRequestFragment,
  isRequestLink,
  parseRequestFragment,
  parseRequestLink,
  REQUEST_BYTES_MAX,
  REQUEST_FRAGMENT_LENGTH_MAX,
  REQUEST_MINUTE_MS,
  REQUEST_TEXT_BYTES_MAX,
  requestExpiry,
  requestStatus,
  type PaymentRequest,
} from "../../../../src/core/values/payment-request.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const BARE: PaymentRequest = {
  chainId: 1000,
  keys: { spendKey: new Uint8Array(32).fill(1), viewKey: new Uint8Array(32).fill(2) },
  amount: undefined,
  expiresMs: undefined,
  note: undefined,
  reference: undefined,
};
const FULL: PaymentRequest = {
  ...BARE,
  amount: amount(12_500_000n),
  expiresMs: timeMs(29_600_000 * REQUEST_MINUTE_MS),
  note: "Tee und Kuchen 茶",
  reference: "2026-117",
};

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const fits = (text: string, size: number): boolean => text !== "" && encodeUtf8(text).length <= size;
const anyText = (size: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: size })
    .map(cleanRequestText)
    .filter((text) => fits(text, size));
const anyRequest: fc.Arbitrary<PaymentRequest> = fc.record({
  chainId: fc.constantFrom(1, 2, 1000, 0xffff_ffff),
  keys: fc.record({ spendKey: anyKey, viewKey: anyKey }),
  amount: fc.option(fc.bigInt({ min: 1n, max: AMOUNT_LIMIT - 1n }).map(amount), { nil: undefined }),
  expiresMs: fc.option(
    fc.integer({ min: 1, max: 0xffff_ffff }).map((minutes) => timeMs(minutes * REQUEST_MINUTE_MS)),
    { nil: undefined },
  ),
  note: fc.option(anyText(40), { nil: undefined }),
  reference: fc.option(anyText(24), { nil: undefined }),
});

/** The bytes of a request, changed, under a check that fits. */
function resealed(change: (body: number[]) => void, request = BARE): Uint8Array {
  const body = [...encodePaymentRequest(request).slice(0, -4)];
  change(body);
  return Uint8Array.from([...body, ...hash32("stg/request", Uint8Array.from(body)).slice(0, 4)]);
}

const fragmentOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

codecContract("payment requests [AD-8]", {
  encode: encodePaymentRequest,
  decode: decodePaymentRequest,
  arbitrary: anyRequest,
});

describe("a payment request", () => {
  it("[AD-8] has the bytes of the document", () => {
    expect(formatHex(encodePaymentRequest(BARE))).toBe(
      "0100e8030000" + "01".repeat(32) + "02".repeat(32) + formatHex(checkOf(encodePaymentRequest(BARE))),
    );
    expect(formatRequestFragment(FULL)).toBe(
      "AQ_oAwAAAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQECAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAiC8vgAAAAAAAKnDARJUZWUgdW5kIEt1Y2hlbiDojLYIMjAyNi0xMTcAHYnSgw",
    );
    expect(parseRequestFragment(formatRequestFragment(FULL))).toMatchObject({ ok: true, request: FULL });
  });

  function checkOf(bytes: Uint8Array): Uint8Array {
    return hash32("stg/request", bytes.slice(0, -4)).slice(0, 4);
  }

  it("[AD-8] [PR-1] checks itself by the tagged hash", () => {
    for (const request of [BARE, FULL]) {
      const bytes = encodePaymentRequest(request);
      expect(formatHex(bytes.slice(-4))).toBe(formatHex(checkOf(bytes)));
    }
  });

  it("[AD-8] ends on a letter or a digit, whatever it says, and is never longer than a link bears", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const fragment = formatRequestFragment(request);
        expect(fragment).toMatch(/^[\w-]*[A-Za-z0-9]$/);
        expect(fragment.length).toBeLessThanOrEqual(REQUEST_FRAGMENT_LENGTH_MAX);
      }),
      { numRuns: 500 },
    );
  });

  it("[AD-8] has room for 64 bytes of text, and not for 65", () => {
    const note = "é".repeat(20);
    const full = { ...FULL, note, reference: "r".repeat(REQUEST_TEXT_BYTES_MAX - 40) };
    const bytes = encodePaymentRequest(full);
    expect(bytes.length).toBe(REQUEST_BYTES_MAX);
    expect(formatRequestFragment(full).length).toBe(REQUEST_FRAGMENT_LENGTH_MAX);
    expect(`https://${"h".repeat(41)}/p#${formatRequestFragment(full)}`.length).toBeLessThan(256);
    expect(() => encodePaymentRequest({ ...full, reference: `${full.reference}r` })).toThrow(RangeError);
    const long = resealed((body) => {
      body.splice(-(REQUEST_TEXT_BYTES_MAX - 40) - 1, 1, REQUEST_TEXT_BYTES_MAX - 39);
      body.push(114);
    }, full);
    expect(() => decodePaymentRequest(long)).toThrow(DecodeError);
    expect(parseRequestFragment("A".repeat(REQUEST_FRAGMENT_LENGTH_MAX + 1))).toEqual({ ok: false, code: "too_long" });
    expect(parseRequestFragment("A".repeat(REQUEST_FRAGMENT_LENGTH_MAX))).toEqual({ ok: false, code: "malformed" });
  });

  it("[AD-8] [EN-3] has one encoding: no filling where none is due, no other filling, no flag without a meaning", () => {
    for (const request of [BARE, FULL, { ...BARE, note: "a" }, { ...BARE, note: "ab" }, { ...BARE, note: "abc" }]) {
      expect(() => decodePaymentRequest(resealed((body) => body.push(0), request))).toThrow(DecodeError);
    }
    const filled = { ...BARE, note: "abc" };
    const body = encodePaymentRequest(filled).slice(0, -4);
    expect([body.at(-1), (body.length + 4) % 3]).toEqual([0, 1]);
    expect(() => decodePaymentRequest(resealed((bytes) => bytes.splice(-1, 1), filled))).toThrow(DecodeError);
    expect(() => decodePaymentRequest(resealed((bytes) => bytes.splice(-1, 1, 1), filled))).toThrow(DecodeError);
    for (let bit = 4; bit < 8; bit++) {
      expect(() => decodePaymentRequest(resealed((bytes) => (bytes[1] = 1 << bit)))).toThrow(DecodeError);
    }
    const [last] = fragmentOf(encodePaymentRequest(BARE)).slice(-1);
    const next = String.fromCharCode(last!.charCodeAt(0) + 1);
    const text = formatRequestFragment(BARE);
    expect(parseRequestFragment(text.slice(0, -1) + next)).toEqual({ ok: false, code: "malformed" });
    for (const other of [`${text}=`, `${text}A`, `${text}.`, text.slice(0, -1), ` ${text}`]) {
      expect(parseRequestFragment(other)).toEqual({ ok: false, code: "malformed" });
    }
  });

  it("[AD-8] asks for no zero, ends at no zero, and belongs to a network", () => {
    const none = { ...FULL, amount: amount(0n) };
    const never = { ...FULL, expiresMs: timeMs(0) };
    for (const request of [none, never, { ...FULL, chainId: 3 }, { ...FULL, chainId: 0 }])
      expect(() => encodePaymentRequest(request)).toThrow(RangeError);
    const tooMuch = resealed((body) => (body[70 + 6] = 0x20), FULL);
    expect(() => decodePaymentRequest(tooMuch)).toThrow(DecodeError);
    expect(() => decodePaymentRequest(resealed((body) => body.splice(2, 2, 3, 0)))).toThrow(DecodeError);
  });

  it("[AD-8] carries no text that hides, breaks or turns round what stands beside it", () => {
    const hostile = [
      "a\nb",
      "a\u0000",
      "\u202eevil",
      "x\u2066y",
      "\u2028",
      " a",
      "a ",
      "\u007f",
      "\u009b1m",
      "\u200fa",
    ];
    for (const text of hostile) {
      expect(() => encodePaymentRequest({ ...FULL, note: text })).toThrow(RangeError);
      const clean = cleanRequestText(text);
      if (clean !== "") expect(encodePaymentRequest({ ...FULL, note: clean }).length).toBeGreaterThan(0);
    }
    expect(cleanRequestText("  two\r\nlines\u202e ")).toBe("two lines");
    // Families of emoji and writing that joins its letters need what has no width.
    for (const text of ["👩‍👩‍👧", "می‌خواهم"]) expect(cleanRequestText(text)).toBe(text);
  });

  it("[AD-8] of a newer version is told from a damaged one", () => {
    const newer = fragmentOf(resealed((body) => (body[0] = 2)));
    expect(parseRequestFragment(newer)).toEqual({ ok: false, code: "newer_version" });
    const older = fragmentOf(resealed((body) => (body[0] = 0)));
    expect(parseRequestFragment(older)).toEqual({ ok: false, code: "malformed" });
    const damaged = encodePaymentRequest(FULL);
    for (let place = 0; place < damaged.length; place++) {
      const bent = damaged.slice();
      bent[place]! ^= 1;
      expect(parseRequestFragment(fragmentOf(bent))).toEqual({ ok: false, code: "malformed" });
    }
  });

  it("is found amid a message, and in lines as a mail breaks them", () => {
    const fragment = formatRequestFragment(FULL);
    const link = `https://stegos.example/p#${fragment}`;
    const broken = `${link.slice(0, 60)}\n${link.slice(60, 120)}\r\n ${link.slice(120)}`;
    for (const text of [link, `Please: ${link}. Thanks`, `(${link})`, broken, `http://127.0.0.1:8080/p#${fragment}`]) {
      expect(isRequestLink(text)).toBe(true);
      expect(parseRequestLink(text)).toEqual({ ok: true, request: FULL, fragment });
    }
    expect(isRequestLink("dstg1qqqq")).toBe(false);
    expect(parseRequestLink("https://stegos.example/p#")).toEqual({ ok: false, code: "malformed" });
    expect(parseRequestLink("dstg1qqqq")).toEqual({ ok: false, code: "malformed" });
  });

  it("ends with the minute, never before it was meant to", () => {
    expect(requestExpiry(1)).toBe(REQUEST_MINUTE_MS);
    expect(requestExpiry(REQUEST_MINUTE_MS)).toBe(REQUEST_MINUTE_MS);
    expect(requestExpiry(REQUEST_MINUTE_MS + 1)).toBe(2 * REQUEST_MINUTE_MS);
    expect(requestExpiry(1e18)).toBe(0xffff_ffff * REQUEST_MINUTE_MS);
  });

  it("[AD-9] is open, part paid, paid, expired or cancelled, and what came counts whenever it came", () => {
    const base = { amount: amount(10n), expiresMs: timeMs(100), received: amount(0n), isCancelled: false };
    const status = (change: Partial<typeof base>, now = 0) => requestStatus({ ...base, ...change }, now);
    expect([status({}), status({}, 99), status({}, 100)]).toEqual(["open", "open", "expired"]);
    expect([status({ received: amount(9n) }), status({ received: amount(9n) }, 100)]).toEqual(["part_paid", "expired"]);
    expect([status({ received: amount(10n) }, 100), status({ received: amount(11n) })]).toEqual(["paid", "paid"]);
    expect(status({ isCancelled: true, received: amount(9n) })).toBe("cancelled");
    expect(status({ isCancelled: true, received: amount(10n) })).toBe("paid");
    const any = { amount: undefined, expiresMs: undefined, isCancelled: false };
    expect(requestStatus({ ...any, received: amount(0n) }, 1e15)).toBe("open");
    expect(requestStatus({ ...any, received: amount(1n) }, 1e15)).toBe("paid");
  });
});
