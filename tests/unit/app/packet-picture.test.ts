import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PICTURE_FILE_BYTES_MAX } from "../../../src/api/limits.ts";
import type { MadePicture, PictureResult } from "../../../src/api/media-api.ts";
import type { PacketPictureResult } from "../../../src/api/packets.ts";
import { PictureChoice } from "../../../src/app/state/picture-choice.svelte.ts";
import { ReceivedPicture } from "../../../src/app/state/received-picture.svelte.ts";
import { MEDIA_SOURCE_BYTES_MAX } from "../../../src/core/params/media-limits.ts";

const FILE = new Blob([Uint8Array.of(1, 2, 3)]);
const made = (byte: number): PictureResult => {
  return { ok: true, bytes: Uint8Array.of(byte), mime: "image/webp", width: 4, height: 3 };
};
const MADE = made(9);

/** Answers one by one, in the order in which they are asked for. */
class Maker {
  readonly asked: Uint8Array[] = [];
  readonly #waiting: ((result: PictureResult | undefined) => void)[] = [];
  readonly make = (file: Uint8Array): Promise<PictureResult | undefined> => {
    this.asked.push(file);
    return new Promise((resolve) => this.#waiting.push(resolve));
  };

  answer(result: PictureResult | undefined): void {
    this.#waiting.shift()?.(result);
  }
}

let urls: Set<string>;
beforeEach(() => {
  urls = new Set();
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    const url = `blob:${urls.size}`;
    urls.add(url);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void urls.delete(url));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the picture that somebody puts into a packet", () => {
  it("is made anew as soon as it is chosen, and what shows it goes with it", async () => {
    const maker = new Maker();
    const picture = new PictureChoice(maker.make);
    expect([picture.mark, picture.isPreparing]).toEqual(["", false]);
    const chosen = picture.choose(FILE);
    expect([picture.isPreparing, picture.bytes]).toEqual([true, undefined]);
    expect(picture.mark).not.toBe("");
    await vi.waitFor(() => expect(maker.asked).toEqual([Uint8Array.of(1, 2, 3)]));
    maker.answer(MADE);
    await chosen;
    expect([picture.isPreparing, picture.bytes, picture.problem]).toEqual([false, Uint8Array.of(9), undefined]);
    expect(urls).toEqual(new Set([picture.shown!.url]));
    picture.remove();
    expect([picture.bytes, picture.shown, picture.mark, urls.size]).toEqual([undefined, undefined, "", 0]);
  });

  it("is the one that was chosen last, whichever is ready first", async () => {
    const maker = new Maker();
    const picture = new PictureChoice(maker.make);
    const both = [picture.choose(FILE), picture.choose(FILE)];
    await vi.waitFor(() => expect(maker.asked.length).toBe(2));
    maker.answer(made(1));
    maker.answer(made(2));
    await Promise.all(both);
    expect([picture.bytes, urls.size]).toEqual([Uint8Array.of(2), 1]);
    const third = picture.choose(FILE);
    picture.remove();
    await vi.waitFor(() => expect(maker.asked.length).toBe(3));
    maker.answer(made(3));
    await third;
    expect([picture.bytes, picture.isPreparing]).toEqual([undefined, false]);
  });

  it("that moves is shown beside its first frame, and both go with it; what cannot be played after all is damaged", async () => {
    const still = { bytes: Uint8Array.of(8), mime: "image/webp" };
    const moving: PictureResult = { ...(MADE as MadePicture), motion: { type: "animation", durationMs: 400, still } };
    const picture = new PictureChoice(() => Promise.resolve(moving));
    await picture.choose(FILE);
    const { url, motion, stillUrl } = picture.shown!;
    expect([motion, urls]).toEqual(["animation", new Set([url, stillUrl])]);
    picture.break();
    expect([picture.problem, picture.bytes, picture.shown, urls.size]).toEqual(["damaged", undefined, undefined, 0]);
  });

  it("that is refused says why, and leaves none", async () => {
    for (const [result, problem] of [
      [{ ok: false, code: "has_sound" }, "has_sound"],
      [undefined, "failed"],
    ] as const) {
      const picture = new PictureChoice(() => Promise.resolve(result));
      await picture.choose(FILE);
      expect([picture.problem, picture.bytes, picture.mark]).toEqual([problem, undefined, ""]);
    }
    const broken = new PictureChoice(() => Promise.reject(new Error("no worker")));
    await broken.choose(FILE);
    expect(broken.problem).toBe("failed");
  });

  it("of a file that no picture needs is not even read", async () => {
    const maker = new Maker();
    const picture = new PictureChoice(maker.make);
    const arrayBuffer = vi.fn();
    await picture.choose({ size: PICTURE_FILE_BYTES_MAX + 1, arrayBuffer } as unknown as Blob);
    expect([picture.problem, arrayBuffer.mock.calls.length, maker.asked.length]).toEqual(["too_large", 0, 0]);
    expect(PICTURE_FILE_BYTES_MAX).toBe(MEDIA_SOURCE_BYTES_MAX);
  });
});

describe("the picture of a packet that was sent", () => {
  const READ: PacketPictureResult = { ok: true, bytes: Uint8Array.of(5) };
  const refuse = (code: "none" | "missing" | "offline" | "unreadable"): PacketPictureResult => ({ ok: false, code });

  it("is shown as it was made anew here, and in no other way", async () => {
    const maker = new Maker();
    const picture = new ReceivedPicture(() => Promise.resolve(READ), maker.make);
    const fetched = picture.fetch();
    await vi.waitFor(() => expect(maker.asked).toEqual([Uint8Array.of(5)]));
    expect([picture.shown, urls.size]).toEqual([undefined, 0]);
    maker.answer(MADE);
    await fetched;
    expect([urls, picture.isGone]).toEqual([new Set([picture.shown!.url]), false]);
    picture.break();
    expect([urls.size, picture.shown, picture.isGone]).toEqual([0, undefined, true]);
  });

  it("that may still be on its way to its nodes is asked for again, and then given up", async () => {
    vi.useFakeTimers();
    for (const code of ["missing", "offline"] as const) {
      const read = vi.fn(() => Promise.resolve(read.mock.calls.length < 3 ? refuse(code) : READ));
      const picture = new ReceivedPicture(read, () => Promise.resolve(MADE));
      void picture.fetch();
      await vi.advanceTimersByTimeAsync(4_000);
      expect([read.mock.calls.length, picture.shown !== undefined]).toEqual([3, true]);
      const never = vi.fn(() => Promise.resolve(refuse(code)));
      const gone = new ReceivedPicture(never, () => Promise.resolve(MADE));
      void gone.fetch();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([never.mock.calls.length, gone.isGone]).toEqual([4, true]);
    }
  });

  it("that cannot be read or shown is not there", async () => {
    for (const code of ["none", "unreadable"] as const) {
      const read = vi.fn(() => Promise.resolve(refuse(code)));
      const picture = new ReceivedPicture(read, () => Promise.resolve(MADE));
      await picture.fetch();
      expect([read.mock.calls.length, picture.isGone]).toEqual([1, true]);
    }
    const bad = new ReceivedPicture(
      () => Promise.resolve(READ),
      () => Promise.resolve({ ok: false, code: "damaged" }),
    );
    const broken = new ReceivedPicture(() => Promise.reject(new Error("stopped")));
    await Promise.all([bad.fetch(), broken.fetch()]);
    expect([bad.isGone, bad.shown, broken.isGone]).toEqual([true, undefined, true]);
  });
});
