import { describe, expect, it } from "vitest";
import { addressProblem, cleanAddress } from "../../../src/app/state/address-problem.ts";
import { ambiguousAmount, amountProblem } from "../../../src/app/state/amount-problem.ts";
import { formatAddress } from "../../../src/core/values/address.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { fakeAddress } from "../../support/fake-client.ts";

const ADDRESS = fakeAddress(1);
const BALANCE = { total: amount(10_000_000n), usable: amount(4_000_000n) };

describe("a typed address", () => {
  it("is never blamed while it may still become one, letter by letter", () => {
    for (let size = 0; size <= ADDRESS.length; size++) {
      expect(addressProblem(ADDRESS.slice(0, size), "dev", false)).toBeUndefined();
    }
  });

  it("is blamed for what is missing once the person has moved on", () => {
    expect(addressProblem("", "dev", true)).toBe("empty");
    expect(addressProblem(ADDRESS.slice(0, -1), "dev", true)).toBe("bad_encoding");
    expect(addressProblem(ADDRESS, "dev", true)).toBeUndefined();
  });

  it("is blamed at once for what no letter can mend", () => {
    expect(addressProblem("stg1q", "dev", false)).toBe("wrong_network");
    expect(addressProblem("tstg1", "main", false)).toBe("wrong_network");
    expect(addressProblem("bc1", "dev", false)).toBe("bad_encoding");
    expect(addressProblem("dstg1qb", "dev", false)).toBe("bad_encoding");
    expect(addressProblem(`${ADDRESS.slice(0, -1)}${ADDRESS.endsWith("q") ? "p" : "q"}`, "dev", false)).toBe(
      "bad_encoding",
    );
    expect(addressProblem(`${ADDRESS}qqqqqq`, "dev", false)).toBe("bad_length");
  });

  it("of every network passes on its own and on no other", () => {
    const keys = { spendKey: new Uint8Array(32), viewKey: new Uint8Array(32) };
    for (const network of ["main", "test", "dev"] as const) {
      for (const other of ["main", "test", "dev"] as const) {
        const problem = addressProblem(formatAddress(keys, network), other, true);
        expect(problem).toBe(network === other ? undefined : "wrong_network");
      }
    }
  });

  it("cannot be judged before the network is known", () => {
    expect(addressProblem("anything", undefined, true)).toBeUndefined();
  });

  it("loses the spaces that mails and chats put in", () => {
    expect(cleanAddress(" dstg1\n q\tq ")).toBe("dstg1qq");
  });
});

describe("a typed amount", () => {
  it("may be half typed", () => {
    for (const text of ["", ".", ",", "0", "0.", "0.00", "3."]) {
      expect(amountProblem(text, BALANCE, false)).toBeUndefined();
    }
    expect(amountProblem("0", BALANCE, true)).toBe("amount_zero");
    expect(amountProblem(".", BALANCE, true)).toBe("not_a_number");
    expect(amountProblem("", BALANCE, true)).toBe("empty");
  });

  it("is blamed at once for what it can never be", () => {
    expect(amountProblem("-1", BALANCE, false)).toBe("not_a_number");
    expect(amountProblem("1.2345678", BALANCE, false)).toBe("too_many_decimals");
    expect(amountProblem("99999999999999", BALANCE, false)).toBe("too_large");
  });

  it("tells too much from too early", () => {
    expect(amountProblem("4", BALANCE, false)).toBeUndefined();
    expect(amountProblem("4.000001", BALANCE, false)).toBe("funds_busy");
    expect(amountProblem("10.000001", BALANCE, false)).toBe("insufficient_funds");
    expect(amountProblem("10.000001", undefined, false)).toBeUndefined();
  });

  it("is read back where a comma leaves a doubt", () => {
    expect(ambiguousAmount("1,000")).toBe(1_000_000n);
    expect(ambiguousAmount("1.5")).toBeUndefined();
    expect(ambiguousAmount("1,0,0")).toBeUndefined();
  });
});
