import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { LEAF_INDEX_LIMIT, leafIndex } from "../../../../src/core/values/height.ts";
import {
  decodePacketLink,
  encodePacketLink,
  formatPacketFragment,
  formatPacketLink,
  isPacketLink,
  PACKET_FRAGMENT_LENGTH,
  PACKET_LINK_LENGTH_MAX,
  PACKET_LINK_SIZE,
  parsePacketFragment,
  parsePacketLink,
  type PacketLink,
} from "../../../../src/core/values/packet-link.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const { link: vector, L } = vectors.packet;
const LINK: PacketLink = {
  kind: "packet",
  hasPassword: false,
  chainId: 1000,
  leaf: leafIndex(300),
  linkSecret: hexBytes(L),
};
const ORIGIN = "https://pay.example";

const anyLink: fc.Arbitrary<PacketLink> = fc
  .record({
    kind: fc.constantFrom("gift" as const, "packet" as const),
    hasPassword: fc.boolean(),
    chainId: fc.constantFrom(1, 2, 1000, 0xffff_ffff),
    leaf: fc.nat({ max: 2 ** 31 - 1 }).map((low) => leafIndex(low * 512)),
    linkSecret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  })
  .map((link) => ({ ...link, hasPassword: link.kind === "packet" && link.hasPassword }));

/** The bytes of a link, changed, under a check that fits. */
function resealed(change: (body: number[]) => void): Uint8Array {
  const body = [...encodePacketLink(LINK).slice(0, -4)];
  change(body);
  return Uint8Array.from([...body, ...hash32("stg/link", Uint8Array.from(body)).slice(0, 4)]);
}

const fragmentOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

codecContract("links to red packets [RP-9]", {
  encode: encodePacketLink,
  decode: decodePacketLink,
  arbitrary: anyLink,
});

describe("a link to a red packet (9.4)", () => {
  it("[RP-9] has the bytes and the characters of the vectors", () => {
    expect(formatHex(encodePacketLink(LINK))).toBe(vector.bytes);
    expect(formatPacketFragment(LINK)).toBe(vector.fragment);
    expect(parsePacketFragment(vector.fragment)).toEqual({ ok: true, link: LINK });
    expect(hexBytes(vector.bytes)).toHaveLength(PACKET_LINK_SIZE);
    expect(vector.fragment).toHaveLength(PACKET_FRAGMENT_LENGTH);
  });

  it("[RP-9] is read back from its text, has one text, and ends on a letter or digit", () => {
    fc.assert(
      fc.property(anyLink, (link) => {
        const text = formatPacketLink(ORIGIN, link);
        expect(text.length).toBeLessThan(256);
        expect(text).toMatch(/[A-Za-z0-9]$/);
        expect(parsePacketLink(text)).toEqual({ ok: true, link });
        expect(parsePacketLink(text, link.chainId)).toEqual({ ok: true, link });
      }),
    );
    // The last character has four bits to spare: none of them may be set.
    const [last, other] = [vector.fragment.at(-1)!, "R"];
    expect(last).toBe("Q");
    expect(parsePacketFragment(vector.fragment.slice(0, -1) + other)).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-9] is made within 255 characters, or not at all", () => {
    const room = PACKET_LINK_LENGTH_MAX - "/r#".length - PACKET_FRAGMENT_LENGTH;
    const origin = (length: number): string => "https://" + "a".repeat(length - "https://".length);
    expect(formatPacketLink(origin(room), LINK)).toHaveLength(PACKET_LINK_LENGTH_MAX);
    expect(() => formatPacketLink(origin(room + 1), LINK)).toThrow("link of 256 characters");
  });

  it.each([
    ["a gift", 1, 0, { kind: "gift", hasPassword: false }],
    ["a packet", 1, 1, { kind: "packet", hasPassword: false }],
    ["a packet with a password", 1, 9, { kind: "packet", hasPassword: true }],
  ] as const)("[RP-4] [RP-9] says that it is %s", (_, place, value, expected) => {
    expect(decodePacketLink(resealed((body) => (body[place] = value)))).toMatchObject(expected);
  });

  it.each([
    ["another kind", 1, 2],
    ["both low bits", 1, 3],
    ["a reserved bit", 1, 5],
    ["a high bit", 1, 0x81],
    ["a gift with a password", 1, 8],
    ["version 0", 0, 0],
    ["a chain id of no network", 3, 2],
  ])("[RP-9] [EN-3] is refused with %s", (_, place, value) => {
    const bent = resealed((body) => (body[place] = value));
    expect(() => decodePacketLink(bent)).toThrow(DecodeError);
    expect(parsePacketFragment(fragmentOf(bent))).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-9] is told from one of a later version, whatever that holds", () => {
    const newer = resealed((body) => body.splice(0, body.length, 2, 7, 7));
    expect(parsePacketFragment(fragmentOf(newer))).toEqual({ ok: false, code: "newer_version" });
    const unsealed = fragmentOf(newer.with(1, 8));
    expect(parsePacketFragment(unsealed)).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-9] of another network says so", () => {
    expect(parsePacketFragment(vector.fragment, 1)).toEqual({ ok: false, code: "wrong_network" });
    expect(parsePacketLink(formatPacketLink(ORIGIN, LINK), 1001)).toEqual({ ok: false, code: "wrong_network" });
  });

  it("[RP-9] with any one letter wrong is refused", () => {
    const { fragment } = vector;
    for (let place = 0; place < fragment.length; place++) {
      const letter = fragment[place] === "A" ? "B" : "A";
      const bent = fragment.slice(0, place) + letter + fragment.slice(place + 1);
      expect(parsePacketFragment(bent).ok, `letter ${place}`).toBe(false);
    }
    for (let size = 0; size < fragment.length; size++)
      expect(parsePacketFragment(fragment.slice(0, size)).ok).toBe(false);
  });

  it("[EN-4] is looked for in hostile texts without a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        expect(parsePacketLink(text).ok).toBe(false);
        expect(parsePacketLink(`/r#${text}`).ok).toBe(false);
        expect(parsePacketFragment(text).ok).toBe(false);
      }),
    );
    expect(parsePacketFragment("A".repeat(PACKET_LINK_LENGTH_MAX + 1))).toEqual({ ok: false, code: "too_long" });
  });

  it("[RP-9] is found where a mail has broken its line and words follow on the next one", () => {
    const text = formatPacketLink(ORIGIN, LINK);
    const broken = `${text.slice(0, 40)}\r\n${text.slice(40)}\r\nEnjoy`;
    expect(parsePacketLink(broken, 1000)).toEqual({ ok: true, link: LINK });
    expect(parsePacketLink(broken, 1)).toEqual({ ok: false, code: "wrong_network" });
    expect(parsePacketLink(broken.replace("Enjoy", "and-many-more-words-than-one")).ok).toBe(true);
    // What is wrong in it stays wrong.
    const [wrong, other] = [text.at(45)!, text.at(45) === "A" ? "B" : "A"];
    expect(wrong).not.toBe(other);
    const bent = `${text.slice(0, 40)}\n${text.slice(40, 45)}${other}${text.slice(46)}\nEnjoy`;
    expect(parsePacketLink(bent)).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-9] is found amid a message, and where a mail has broken its line", () => {
    const text = formatPacketLink(ORIGIN, LINK);
    const broken = `${text.slice(0, 40)}\r\n${text.slice(40)}`;
    for (const message of [`恭喜发财 ${text} !`, broken, `${text}.`, `<${text}>`]) {
      expect(isPacketLink(message)).toBe(true);
      expect(parsePacketLink(message)).toEqual({ ok: true, link: LINK });
    }
    expect(isPacketLink("https://pay.example/p#AQ")).toBe(false);
    expect(parsePacketLink(ORIGIN)).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-9] is not made of what no reader takes", () => {
    expect(() => encodePacketLink({ ...LINK, chainId: 3 })).toThrow(RangeError);
    expect(() => encodePacketLink({ ...LINK, kind: "gift", hasPassword: true })).toThrow(RangeError);
    expect(() => encodePacketLink({ ...LINK, linkSecret: new Uint8Array(15) })).toThrow(RangeError);
    const last = { ...LINK, leaf: leafIndex(LEAF_INDEX_LIMIT - 1) };
    expect(decodePacketLink(encodePacketLink(last))).toEqual(last);
  });
});
