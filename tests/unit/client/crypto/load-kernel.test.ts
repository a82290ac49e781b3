import { afterEach, expect, it, vi } from "vitest";
import { loadKernel } from "../../../../src/client/crypto/load-kernel.ts";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { buildKernel } from "../../../../src/core/crypto/backend/kernel/build-kernel.ts";

// The chunk of this build never comes.
vi.mock("virtual:curve-kernel-scalar", () => new Promise<never>(() => undefined));

afterEach(() => {
  vi.useRealTimers();
});

it.each(["fma", "simd"] as const)("brings the %s kernel as the build made it", async (name) => {
  expect(equalBytes(await loadKernel(name), buildKernel(name))).toBe(true);
});

it("gives up on a chunk that has not come within five seconds, and not before", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  let outcome = "waits";
  const loading = loadKernel("scalar").catch((error: unknown) => (outcome = String(error)));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(outcome).toBe("waits");
  await vi.advanceTimersByTimeAsync(1);
  await loading;
  expect(outcome).toBe("Error: the kernel is late");
});
