import { describe, expect, it, vi } from "vitest";
import { Moments, type MomentsPlatform } from "../../../src/app/client/moments.ts";

/** As much of an AudioContext as a tone takes. */
class FakeAudio {
  static made: FakeAudio[] = [];
  readonly currentTime = 3;
  readonly destination = {};
  state = "suspended";
  readonly resume = vi.fn(() => Promise.resolve());
  readonly tones: { readonly hertz: number; readonly from: number; readonly to: number }[] = [];

  constructor() {
    FakeAudio.made.push(this);
  }

  createOscillator(): unknown {
    const tone = { hertz: 0, from: 0, to: 0 };
    this.tones.push(tone);
    return {
      frequency: {
        set value(hertz: number) {
          tone.hertz = hertz;
        },
      },
      connect: (next: unknown) => next,
      start: (at: number) => (tone.from = at),
      stop: (at: number) => (tone.to = at),
    };
  }

  createGain(): unknown {
    return {
      gain: { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined },
      connect: (next: unknown) => next,
    };
  }
}

function platform(changes: Partial<MomentsPlatform> = {}): MomentsPlatform & { readonly felt: number[][] } {
  FakeAudio.made = [];
  const felt: number[][] = [];
  const navigator = { vibrate: (pattern: number[]) => felt.push(pattern) > 0 };
  return { navigator, AudioContext: FakeAudio as unknown as new () => AudioContext, felt, ...changes };
}

describe("moments of a packet", () => {
  it("sound and tremble, all from one audio context, which is woken where the browser let it sleep", () => {
    const here = platform();
    const moments = new Moments(here);
    moments.mark("seal");
    moments.mark("win");
    expect(FakeAudio.made).toHaveLength(1);
    const [audio] = FakeAudio.made;
    expect(audio!.resume).toHaveBeenCalledTimes(2);
    expect(here.felt.map((pattern) => pattern.length)).toEqual([1, 5]);
    const [seal, ...win] = audio!.tones;
    expect(seal!.from).toBe(3);
    expect(win.map(({ hertz }) => hertz)).toEqual(win.map(({ hertz }) => hertz).sort((left, right) => left - right));
    for (const { from, to } of audio!.tones) expect(to - from).toBeCloseTo(0.4);
  });

  it("pass in silence where a browser has neither, or refuses", () => {
    const refuse = (): never => {
      throw new Error("not allowed");
    };
    const Silent = refuse as unknown as new () => AudioContext;
    for (const here of [
      platform({ navigator: {}, AudioContext: undefined }),
      platform({ navigator: { vibrate: refuse } }),
      platform({ AudioContext: Silent }),
    ])
      expect(() => new Moments(here).mark("win")).not.toThrow();
  });
});
