import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KERNEL_NAMES } from "../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { SECURITY_HEADERS } from "../../../src/node/rpc/security-headers.ts";
import { TestPage } from "../../support/test-page.ts";

declare const compareBackends: (only?: string) => Promise<unknown>;

let page: TestPage | undefined;
let tab: Page;

beforeAll(async () => {
  page = await TestPage.open("tests/browser/crypto/backend-page.ts", SECURITY_HEADERS);
  tab = await page.tab();
});

afterAll(async () => {
  await page?.close();
});

it("a Chromium worker takes the fastest kernel under the app's own policy", async () => {
  expect(await tab.evaluate(() => compareBackends())).toEqual({ name: `wasm ${KERNEL_NAMES[0]}`, isSame: true });
});

it.each(KERNEL_NAMES)("the %s kernel multiplies as noble does in Chromium", async (name) => {
  expect(await tab.evaluate((only) => compareBackends(only), name)).toEqual({ name: `wasm ${name}`, isSame: true });
});
