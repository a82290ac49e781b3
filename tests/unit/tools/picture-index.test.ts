import { describe, expect, it } from "vitest";
import { SCREEN_STATES } from "../../support/screen-states/all-states.ts";
import { formatIndex, pictureName } from "../../screens/picture-index.ts";

const WAY = { lang: "zh", colorScheme: "dark", viewport: { width: 360, height: 740 } } as const;

describe("pictures of screens", () => {
  it("are named for the screen and the way it was looked at", () => {
    expect(pictureName("payment, done", WAY)).toBe("payment-done-zh-dark-360.webp");
  });

  it("have names of their own", () => {
    const names = SCREEN_STATES.flatMap((state) => [state, ...(state.next ?? [])])
      .filter(({ isPictured }) => isPictured)
      .map(({ name }) => pictureName(name, WAY));
    expect(names).toContain("words-to-be-checked-zh-dark-360.webp");
    expect(new Set(names).size).toBe(names.length);
  });

  it("all stand in the index, under their screen", () => {
    const index = formatIndex(["pay", "me"], [WAY, { ...WAY, lang: "en" }]);
    expect([...index.matchAll(/src="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      "pay-zh-dark-360.webp",
      "pay-en-dark-360.webp",
      "me-zh-dark-360.webp",
      "me-en-dark-360.webp",
    ]);
    expect(index).toContain("## Pay");
  });
});
