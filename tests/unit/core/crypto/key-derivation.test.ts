import { hkdfSync, scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  expandedKey,
  passphraseKey,
  PASSPHRASE_COST_LOG2_MAX,
  PASSPHRASE_COST_LOG2_MIN,
} from "../../../../src/core/crypto/key-derivation.ts";

const SALT = new Uint8Array(16).fill(3);

describe("derived keys", () => {
  it("of a text are scrypt's, as Node.js has it", () => {
    const cost = { N: 2 ** PASSPHRASE_COST_LOG2_MIN, r: 8, p: 1, maxmem: 2 ** 28 };
    const expected = new Uint8Array(scryptSync("271828", SALT, 32, cost));
    expect(passphraseKey("271828", SALT, PASSPHRASE_COST_LOG2_MIN)).toEqual(expected);
  });

  it("do not depend on how a letter was composed", () => {
    const composed = passphraseKey("é", SALT, PASSPHRASE_COST_LOG2_MIN);
    expect(passphraseKey("e\u0301", SALT, PASSPHRASE_COST_LOG2_MIN)).toEqual(composed);
  });

  it.each([PASSPHRASE_COST_LOG2_MIN - 1, PASSPHRASE_COST_LOG2_MAX + 1])("are not made at a cost of %i", (cost) => {
    expect(() => passphraseKey("x", SALT, cost)).toThrow(RangeError);
  });

  it("of a secret are HKDF's, another for another use", () => {
    const secret = new Uint8Array(32).fill(8);
    const expected = new Uint8Array(hkdfSync("sha256", secret, SALT, "stegos/slot", 32));
    expect(expandedKey(secret, SALT, "stegos/slot")).toEqual(expected);
    expect(expandedKey(secret, SALT, "stegos/other")).not.toEqual(expected);
  });
});
