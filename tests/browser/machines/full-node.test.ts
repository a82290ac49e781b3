import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestPage } from "../../support/test-page.ts";

const HEIGHT = 8;

let page: TestPage;

beforeAll(async () => {
  page = await TestPage.open("tests/browser/machines/full-node-page.ts");
});

afterAll(async () => {
  await page.close();
});

describe("the full node's machine in a Chromium worker", () => {
  it("four validators make blocks as they do in Node.js", async () => {
    const tab = await page.tab();
    const heights = await tab.evaluate(
      (height) =>
        (globalThis as unknown as { runValidators: (height: number) => Promise<unknown> }).runValidators(height),
      HEIGHT,
    );
    expect(heights).toHaveLength(4);
    for (const height of heights as readonly number[]) expect(height).toBeGreaterThanOrEqual(HEIGHT);
  });
});
