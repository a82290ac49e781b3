import { expect, it } from "vitest";
import { CurveBrowser } from "../../bench/support/curve-browser.ts";
import { kernelsHere } from "../../support/kernels-here.ts";

it("the benchmarks' page works in Chromium: kernels beside what they are compared with, the app's own crypto workers", async () => {
  const browser = await CurveBrowser.open(() => undefined);
  try {
    const [fastest] = await kernelsHere();
    const works = [`x25519 ${fastest}`, "x25519 libsodium", "x25519 webcrypto", "pipeline"];
    const candidates = works.map((work) => browser!.candidate(work, "scan", work));
    for (const candidate of [...candidates, browser!.rangesCandidate("ranges")]) {
      const rate = await candidate.round(0);
      expect(rate?.perSecond, candidate.name).toBeGreaterThan(0);
      expect(rate?.perCpuSecond, candidate.name).toBeGreaterThan(0);
    }
    expect(await browser!.candidate("none", "scan", "no such work").round(0)).toBeUndefined();
  } finally {
    await browser?.close();
  }
});
