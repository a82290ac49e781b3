import { expect, it } from "vitest";
import { SECURITY_HEADERS } from "../../../src/node/rpc/security-headers.ts";
import { TestPage } from "../../support/test-page.ts";

declare const compareBackends: () => Promise<unknown>;

it("[NW-12] a Chromium worker runs the fastest kernel under the app's own policy, and it multiplies as noble does", async () => {
  const page = await TestPage.open("tests/browser/crypto/backend-page.ts", SECURITY_HEADERS);
  try {
    const tab = await page.tab();
    expect(await tab.evaluate(() => compareBackends())).toEqual({ name: "wasm fma", isSame: true });
  } finally {
    await page.close();
  }
});
