import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyCsv, historyJson } from "../../../src/api/history-export.ts";
import type { HistoryRow } from "../../../src/api/views.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { runs } from "../../support/run-counts.ts";

const row: HistoryRow = {
  id: "leaf:7",
  direction: "in",
  amount: amount(12_500_000n),
  fee: amount(0n),
  state: "final",
  timeMs: Date.UTC(2026, 4, 4, 9, 30),
  height: 9_000,
  memo: "for tea",
  to: undefined,
  canRetry: false,
};

/** A reader of RFC 4180, as strict as it is short. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  let rest = text;
  while (rest !== "") {
    const [whole, quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest)!;
    cells.push(quoted?.replaceAll('""', '"') ?? plain!);
    rest = rest.slice(whole.length);
    if (end === ",") continue;
    rows.push(cells);
    cells = [];
  }
  return rows;
}

describe("history as CSV", () => {
  it("has a line for each row, amounts in STG and times in UTC", () => {
    expect(
      historyCsv([
        { ...row, label: "=rent" },
        { ...row, isTimeBound: true, height: undefined, memo: undefined, act: "withdraw" },
      ]),
    ).toBe(
      "time,direction,amount_stg,fee_stg,state,height,to,note,id,act,label\r\n" +
        "2026-05-04T09:30:00.000Z,in,12.5,0,final,9000,,for tea,leaf:7,,'=rent\r\n" +
        "until 2026-05-04T09:30:00.000Z,in,12.5,0,final,,,,leaf:7,withdraw,\r\n",
    );
    expect(historyCsv([])).toBe("time,direction,amount_stg,fee_stg,state,height,to,note,id,act,label\r\n");
  });

  it("[NW-13] says pending of what a node claims is on its way", () => {
    const [, cells] = parseCsv(historyCsv([{ ...row, id: "pool:00", state: "sent", height: undefined }]));
    expect(cells![4]).toBe("pending");
    expect(historyJson([{ ...row, state: "sent" }])).toContain('"state": "pending"');
    expect(historyJson([{ ...row, direction: "out", state: "sent" }])).toContain('"state": "sent"');
    // Our own withdrawal of a stake is no claim of anybody.
    const [failed] = JSON.parse(historyJson([{ ...row, act: "withdraw", state: "failed" }])) as [object];
    expect(failed).toMatchObject({ state: "failed", act: "withdraw" });
  });

  it("no note becomes a formula, also behind quotes and line ends", () => {
    for (const memo of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x","y")']) {
      const [, cells] = parseCsv(historyCsv([{ ...row, memo }]));
      expect(cells![7]).toBe(`'${memo}`);
    }
  });

  it("any note comes back as it was, but for the apostrophe before what looks like a formula", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (memo) => {
        const [, cells, ...more] = parseCsv(historyCsv([{ ...row, memo }]));
        expect(more).toEqual([]);
        expect(cells).toHaveLength(11);
        expect([memo, `'${memo}`]).toContain(cells![7]);
        expect(cells![7]!).not.toMatch(/^[=+\-@]/);
      }),
      { numRuns: runs(2_000, 200_000) },
    );
  });
});

describe("history as JSON", () => {
  it("gives amounts as text and what is not known as null", () => {
    expect(JSON.parse(historyJson([{ ...row, height: undefined, label: "rent" }]))).toEqual([
      {
        id: "leaf:7",
        direction: "in",
        amount: "12500000",
        fee: "0",
        state: "final",
        time_ms: row.timeMs,
        time_is_bound: false,
        height: null,
        to: null,
        note: "for tea",
        act: null,
        label: "rent",
      },
    ]);
  });
});
