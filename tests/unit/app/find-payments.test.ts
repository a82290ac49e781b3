import { describe, expect, it } from "vitest";
import { findPayments, type PaymentKind } from "../../../src/app/state/find-payments.ts";
import { amount, formatAmount } from "../../../src/core/values/amount.ts";
import { fakeAddress, fakeRow } from "../../support/fake-client.ts";

const ROWS = [
  fakeRow({ id: "a1".repeat(32), memo: "Lunch on Friday", amount: amount(1_234_500_000n) }),
  fakeRow({ id: "leaf:7", direction: "in", memo: "恭喜发财", to: undefined }),
  fakeRow({ id: "b2".repeat(32), act: "stake", label: "For old age", to: undefined, amount: amount(150_000_000n) }),
  fakeRow({ id: "c3".repeat(32), act: "award", direction: "in", to: undefined, amount: amount(7n) }),
] as const;
const LETTERS = ["lunch", "gift", "stake", "award"] as const;

/** As on a screen in English: 1,234.5. */
const write = (value: Parameters<typeof formatAmount>[0]): string =>
  formatAmount(value).replace(/\B(?=(?:\d{3})+(?:\.|$))/, ",");

function found(text: string, kind: PaymentKind = "all"): readonly (string | undefined)[] {
  return findPayments(ROWS, { kind, text, write }).map((row) => LETTERS[ROWS.findIndex((each) => each === row)]);
}

describe("payments are found", () => {
  it.each([
    ["a part of a note, in capitals or wide letters", "ＦＲＩ", ["lunch"]],
    ["a part of a note in Han", "发财", ["gift"]],
    ["a part of a label", "OLD", ["stake"]],
    ["the end of an address", fakeAddress(7).slice(-6), ["lunch"]],
    ["an address broken over two lines", `${fakeAddress(7).slice(0, 9)}\n ${fakeAddress(7).slice(9)}`, ["lunch"]],
    ["an address in capitals", fakeAddress(7).toUpperCase(), ["lunch"]],
    ["a number", "b2b2b2b2", ["stake"]],
    ["an amount as the screen writes it", "1,234.5", ["lunch"]],
    ["an amount as a keyboard writes it", "1234.5", ["lunch"]],
    ["how an amount begins, not what stands within it", "15", ["stake"]],
    ["nothing at all", "  ", LETTERS],
  ])("by %s", (_how, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("by nothing so short that it stands in every address", () => {
    for (const letters of ["a1", "dst", "b2b"]) expect(found(letters)).toEqual([]);
  });

  it.each([
    ["in", ["gift"]],
    ["out", ["lunch"]],
    ["stake", ["stake", "award"]],
  ] as const)("of the kind %s: a stake is no payment to or from anybody", (kind, expected) => {
    expect(found("", kind)).toEqual(expected);
    expect(found("lunch", kind)).toEqual(kind === "out" ? ["lunch"] : []);
  });
});
