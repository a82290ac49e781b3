import { describe, expect, it } from "vitest";
import { readScanned } from "../../../src/app/state/scanned-text.ts";
import { formatAddress } from "../../../src/core/values/address.ts";
import { fakePacketFragment } from "../../support/fake-packets.ts";
import { fakeAddress } from "../../support/fake-client.ts";
import { fakeFragment } from "../../support/fake-requests.ts";

describe("a scanned text", () => {
  it("is an address, also broken into lines, of this network or of another", () => {
    const address = fakeAddress(3);
    expect(readScanned(` ${address.slice(0, 40)}\n${address.slice(40)} `, "dev")).toEqual({ kind: "address", address });
    expect(readScanned(address, undefined)).toEqual({ kind: "address", address });
    const keys = { spendKey: new Uint8Array(32).fill(1), viewKey: new Uint8Array(32).fill(2) };
    expect(readScanned(formatAddress(keys, "main"), "dev")).toEqual({ kind: "other_network" });
  });

  it("is a request or a receipt by its link, whoever's page it names", () => {
    const link = `https://x.example/p#${fakeFragment()}`;
    expect(readScanned(link, "dev")).toEqual({ kind: "request", link });
    for (const text of ["https://x.example/c#dstgproof1qqqq", "dstgproof1qqqq"])
      expect(readScanned(text, "dev")).toMatchObject({ kind: "receipt" });
  });

  it("[RP-9] is a red packet by its link, whoever's page it names, and no other packet's", () => {
    const fragment = fakePacketFragment();
    for (const text of [`https://x.example/r#${fragment}`, `Look: https://x.example/r#${fragment} !`])
      expect(readScanned(text, "dev")).toEqual({ kind: "packet", fragment });
    expect(readScanned(`https://x.example/r#${fragment}`, undefined)).toMatchObject({ kind: "packet" });
    expect(readScanned(`https://x.example/r#${fragment}`, "main")).toEqual({ kind: "other_network" });
    expect(readScanned("https://x.example/r#AAAA", "dev")).toMatchObject({ kind: "unknown" });
  });

  it("is otherwise unknown: bounded, and never a link to follow", () => {
    for (const text of ["https://evil.example/", "javascript:alert(1)", "bitcoin:1abc", "", "dstg1qqqq"])
      expect(readScanned(text, "dev")).toEqual({ kind: "unknown", text });
    const long = readScanned("😀".repeat(5_000), "dev");
    expect(long).toEqual({ kind: "unknown", text: "😀".repeat(80) });
  });
});
