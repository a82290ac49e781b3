import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import { decodeLabel, diffLabels, encodeLabel, readLabels } from "../../../../src/core/wallet/label-records.ts";
import { setLabel } from "../../../../src/core/wallet/label-book.ts";
import { cleanLabel, LABEL_BYTES_MAX, type Label } from "../../../../src/core/wallet/label.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import { EMPTY_WALLET } from "../../../../src/core/wallet/wallet-state.ts";
import { runs } from "../../../support/run-counts.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { anyHash, anyLeaf, testNote } from "../../../support/wallet-values.ts";

const TXID = "a1".repeat(32);
const COIN = { sequence: 0, note: testNote(7, 5n), spent: undefined };
const WALLET = { ...EMPTY_WALLET, notes: new Map([[COIN.note.leaf, COIN]]) };

const anyEntry = fc.record({
  id: fc.oneof(
    anyHash.map(formatHex),
    anyLeaf.map((leaf) => `leaf:${leaf}`),
  ),
  text: fc
    .string({ unit: "binary", minLength: 1, maxLength: 60 })
    .map(cleanLabel)
    .filter((text) => text !== ""),
  sequence: fc.nat({ max: 0xffff_ffff }),
});
const entryOf = ({ id, text, sequence }: { readonly id: string } & Label) => [id, { text, sequence }] as const;

describe("labels", () => {
  it("stand on their line of the history until it is called something else, or nothing", () => {
    const rent = setLabel(setLabel(WALLET, TXID, "tea"), "leaf:7", "  rent\nMay ");
    expect(listHistory(rent)).toMatchObject([{ id: "leaf:7", label: "rent May" }]);
    const other = setLabel(rent, "leaf:7", "June");
    expect(other.labels.get("leaf:7")).toEqual({ text: "June", sequence: 1 });
    const none = setLabel(other, "leaf:7", " ");
    expect(listHistory(none)[0]).not.toHaveProperty("label");
    expect([...none.labels.keys()]).toEqual([TXID]);
    // Nothing to write.
    expect(setLabel(none, "leaf:7", "")).toBe(none);
    expect(setLabel(none, TXID, "tea ")).toBe(none);
  });

  it("are told to whoever shows the history", () => {
    const world = new LightClientWorld(5);
    world.start();
    world.run(5_000);
    const effects = world.send({ type: "line-labelled", id: "leaf:7", text: "tea" });
    expect(effects).toContainEqual({ type: "notify", changed: ["history"] });
  });

  it("are given to lines alone that keep their name", () => {
    for (const id of [`pool:${TXID}`, "leaf:", "leaf:x", TXID.slice(1), TXID.toUpperCase(), ""])
      expect(setLabel(WALLET, id, "tea")).toBe(WALLET);
  });

  it("are cut behind the last whole character that has room, and hold nothing that turns a line around", () => {
    expect(cleanLabel("茶".repeat(33))).toBe("茶".repeat(32));
    expect(cleanLabel(`${"a".repeat(95)}茶`)).toBe("a".repeat(95));
    expect(cleanLabel("a".repeat(96))).toHaveLength(96);
    expect(cleanLabel("\u202epay\u2069")).toBe("pay");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 120 }), (text) => {
        const clean = cleanLabel(text);
        expect(encodeUtf8(clean).length).toBeLessThanOrEqual(LABEL_BYTES_MAX);
        expect(cleanLabel(clean)).toBe(clean);
      }),
      { numRuns: runs(2_000, 100_000) },
    );
  });

  it("are kept one to a record, whose key says nothing of the line, and come back as they were", () => {
    const wallet = setLabel(setLabel(WALLET, "leaf:7", "rent"), TXID, "tea");
    const { puts, deletes } = diffLabels(undefined, wallet.labels);
    expect([puts.map(({ key }) => key), deletes]).toEqual([["label/000000000", "label/000000001"], []]);
    expect(readLabels([...puts].reverse())).toEqual(wallet.labels);
    const less = setLabel(setLabel(wallet, "leaf:7", ""), TXID, "coffee");
    const change = diffLabels(wallet.labels, less.labels);
    expect([change.puts.map(({ key }) => key), change.deletes]).toEqual([["label/000000001"], ["label/000000000"]]);
    expect(readLabels(change.puts)).toEqual(less.labels);
    expect(diffLabels(less.labels, less.labels)).toEqual({ puts: [], deletes: [] });
  });

  it("[EN-3] [EN-4] have one encoding, and hostile bytes never leave their decoder as an exception", () => {
    const good = fc.sample(anyEntry, 100).map((entry) => encodeLabel(entryOf(entry)));
    for (const bytes of good) expect(encodeLabel(decodeLabel(bytes))).toEqual(bytes);
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.of(1, ...bytes)),
      fc.tuple(fc.constantFrom(...good), fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, place, change]) => {
        const damaged = bytes.slice();
        damaged[place % damaged.length]! ^= change;
        return damaged;
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        const decoded = tryDecode(decodeLabel, bytes);
        if (decoded.ok) expect(encodeLabel(decoded.value)).toEqual(bytes);
      }),
      { numRuns: runs(5_000, 500_000) },
    );
    const longest = encodeLabel([TXID, { text: "a".repeat(LABEL_BYTES_MAX), sequence: 0 }]);
    expect(longest).toHaveLength(167);
    expect(() => decodeLabel(encodeLabel([TXID, { text: "a".repeat(LABEL_BYTES_MAX + 1), sequence: 0 }]))).toThrow(
      "97 bytes",
    );
  });
});
