import { expect, it } from "vitest";
import { blockFigures } from "../../bench/block.ts";
import { msmFigures } from "../../bench/msm.ts";
import { proofFigures } from "../../bench/proofs.ts";
import { scanFigures } from "../../bench/scan.ts";
import type { Rate, Rates } from "../../bench/support/rates.ts";

/** Clock and processor time, in units a second. */
function ratesOf(rates: Readonly<Record<string, readonly [number, number]>>): Rates {
  return new Map(
    Object.entries(rates).map(([name, [perSecond, perCpuSecond]]): [string, Rate] => [
      name,
      { perSecond, perCpuSecond },
    ]),
  );
}

it("scan: one thread is judged by processor time, several by the clock", () => {
  const figures = scanFigures(
    ratesOf({
      openssl: [1, 100],
      "chromium x25519 fma": [60, 120],
      "chromium x25519 simd": [1, 60],
      "chromium x25519 libsodium": [1, 40],
      "chromium x25519 webcrypto": [30, 1],
      "node x25519 scalar": [1, 50],
      "chromium pipeline": [50, 115],
      "chromium pipeline on two workers": [95, 1],
      "chromium ranges on two crypto workers": [77, 1],
    }),
  );
  expect(figures).toMatchObject({
    chromium_vs_openssl: 1.2,
    chromium_simd_vs_openssl: 0.6,
    node_vs_openssl: 0.5,
    pipeline_vs_openssl: 1.15,
    two_workers_vs_one: 1.9,
    vs_webcrypto: 2,
    vs_libsodium: 3,
    outputs_per_s_2_workers: 77,
    node_fma_vs_openssl: null,
  });
});

it("scan: without openssl there are no ratios over it, and all others", () => {
  const figures = scanFigures(ratesOf({ "chromium x25519 fma": [1, 9], "chromium x25519 libsodium": [1, 3] }));
  expect(figures).toMatchObject({ chromium_vs_openssl: null, openssl_per_s: null, vs_libsodium: 3 });
});

it("proofs: times of the fastest backend there is, and how many times noble's", () => {
  const figures = proofFigures(
    ratesOf({
      "chromium prove simd": [1, 500],
      "chromium prove noble": [1, 10],
      "chromium batch simd": [1, 5_000],
      "chromium schnorr simd": [1, 40_000],
      "node verify noble": [1, 100],
    }),
  );
  expect(figures).toMatchObject({
    prove_ms: 2,
    prove_vs_noble: 50,
    verify_ms: null,
    batch32_ms_per_proof: 0.2,
    schnorr_batch64_us: 25,
    chromium_noble_prove_ms: 100,
    node_noble_verify_ms: 10,
    node_noble_verify_vs_noble: 1,
  });
});

it("msm: times noble's pippenger on the same number of points, and time for each point", () => {
  const figures = msmFigures(
    ratesOf({
      "chromium 2048 pippenger": [1, 10_000],
      "chromium 2048 fma": [1, 120_000],
      "node 32 pippenger": [1, 1_000],
      "node 32 noble": [1, 4_000],
    }),
  );
  expect(figures).toMatchObject({
    n2048_vs_noble: 12,
    n2048_us_per_point: 8.33,
    n512_vs_noble: null,
    node_n32_vs_noble: 4,
    node_fma_n32_vs_noble: null,
  });
});

it("block: transactions a second by the clock", () => {
  const figures = blockFigures(ratesOf({ "threads: 1": [100, 110], "threads: 2": [190, 105] }));
  expect(figures).toEqual({
    tx_per_s_1_thread: 100,
    tx_per_s_2_threads: 190,
    two_threads_vs_one: 1.9,
    tx_per_cpu_s: 110,
  });
});
