import { afterEach, expect, it, vi } from "vitest";
import { opensslCandidate, parseOpensslSpeed } from "../../bench/support/openssl-speed.ts";
import { parseVersion } from "../../bench/support/describe-machine.ts";

afterEach(() => vi.unstubAllEnvs());

it("operations and processor time are read as openssl speed -mr says them", () => {
  expect(parseOpensslSpeed("+DTP:253::ecdh:1\n+R7:15140:253:0.50\n", 2)).toEqual({
    perSecond: 7_570,
    perCpuSecond: 30_280,
  });
});

it.each(["", "+R7:0:253:1.00", "+R7:100:253:0.00", "+R7:100:256:1.00", "speed: Unknown option"])(
  "what is something else is no rate: %j",
  (output) => {
    expect(parseOpensslSpeed(output, 1)).toBeUndefined();
  },
);

it("without openssl there is a word about it and no rate", async () => {
  vi.stubEnv("PATH", "");
  const said: string[] = [];
  expect(await opensslCandidate((line) => said.push(line)).round(1)).toBeUndefined();
  expect(said.join()).toContain("no openssl");
});

it.each([
  ["Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n", "Chromium 156.0.8078.79"],
  ["OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n", "OpenSSL 3.0.19"],
  ["something else", undefined],
])("the version of a program is its name and number: %j", (text, version) => {
  expect(parseVersion(text)).toBe(version);
});
