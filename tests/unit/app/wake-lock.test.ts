import { describe, expect, it } from "vitest";
import { keepAwake } from "../../../src/app/client/wake-lock.ts";

/** A device that counts the locks that are held, and takes them back when the page is out of sight, as browsers do. */
class Device {
  readonly page: EventTarget & { visibilityState: DocumentVisibilityState } = Object.assign(new EventTarget(), {
    visibilityState: "visible",
  } as const);
  isRefused = false;
  asked = 0;
  readonly #held = new Set<{ released: boolean }>();
  readonly wakeLock = {
    request: () => {
      this.asked += 1;
      if (this.isRefused) return Promise.reject(new DOMException("", "NotAllowedError"));
      const lock = {
        released: false,
        release: () => {
          lock.released = true;
          this.#held.delete(lock);
          return Promise.resolve();
        },
      };
      this.#held.add(lock);
      return Promise.resolve(lock);
    },
  } as unknown as WakeLock;

  get heldCount(): number {
    return this.#held.size;
  }

  async show(state: DocumentVisibilityState): Promise<void> {
    this.page.visibilityState = state;
    if (state === "hidden") for (const lock of this.#held) lock.released = true;
    if (state === "hidden") this.#held.clear();
    this.page.dispatchEvent(new Event("visibilitychange"));
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a screen that is scanned", () => {
  it("stays on, and may sleep again once it is left", async () => {
    const device = new Device();
    const leave = keepAwake(device.wakeLock, device.page);
    await settled();
    expect(device.heldCount).toBe(1);
    leave();
    await settled();
    expect(device.heldCount).toBe(0);
    await device.show("visible");
    expect(device.heldCount).toBe(0);
  });

  it("asks again on every return, and holds one lock at most", async () => {
    const device = new Device();
    const leave = keepAwake(device.wakeLock, device.page);
    await settled();
    for (let turn = 0; turn < 3; turn += 1) {
      await device.show("hidden");
      expect(device.heldCount).toBe(0);
      await device.show("visible");
      expect(device.heldCount).toBe(1);
    }
    // Some browsers say so twice.
    await device.show("visible");
    expect(device.heldCount).toBe(1);
    expect(device.asked).toBe(4);
    leave();
    await settled();
    expect(device.heldCount).toBe(0);
  });

  it("left before the answer came, holds nothing", async () => {
    const device = new Device();
    keepAwake(device.wakeLock, device.page)();
    await settled();
    expect([device.asked, device.heldCount]).toEqual([1, 0]);
  });

  it("that comes back twice before an answer holds one lock", async () => {
    const device = new Device();
    const leave = keepAwake(device.wakeLock, device.page);
    device.page.dispatchEvent(new Event("visibilitychange"));
    await settled();
    expect(device.heldCount).toBe(1);
    leave();
    await settled();
    expect(device.heldCount).toBe(0);
  });

  it("is scanned all the same where nothing can keep it on", async () => {
    const device = new Device();
    device.isRefused = true;
    const leave = keepAwake(device.wakeLock, device.page);
    await settled();
    leave();
    keepAwake(undefined, device.page)();
    await settled();
    expect(device.heldCount).toBe(0);
  });

  it("asks for nothing while it is out of sight", async () => {
    const device = new Device();
    await device.show("hidden");
    keepAwake(device.wakeLock, device.page);
    await settled();
    expect(device.asked).toBe(0);
  });
});
