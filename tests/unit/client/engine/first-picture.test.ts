import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FirstPicture } from "../../../../src/client/engine/first-picture.ts";

describe("the first picture of a page", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Whether whoever waits for it goes on. */
  async function isDrawn(picture: FirstPicture): Promise<boolean> {
    return Promise.race([picture.drawn.then(() => true), Promise.resolve().then(() => false)]);
  }

  it("is waited for until the page says that it is drawn", async () => {
    const picture = new FirstPicture();
    picture.expect();
    await vi.advanceTimersByTimeAsync(999);
    expect(await isDrawn(picture)).toBe(false);
    picture.tell();
    expect(await isDrawn(picture)).toBe(true);
  });

  it("is waited for a second at most, from when the page could draw", async () => {
    const picture = new FirstPicture();
    await vi.advanceTimersByTimeAsync(5_000);
    picture.expect();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await isDrawn(picture)).toBe(true);
  });
});
