import { describe, expect, it, vi } from "vitest";
import { Moments, type MomentsPlatform } from "../../../src/app/client/moments.ts";

class FakeTone {
  readonly frequency = { value: 0 };
  from = 0;
  to = 0;
  onended: (() => void) | undefined;
  connect<Next>(next: Next): Next {
    return next;
  }
  start(at: number): void {
    this.from = at;
  }
  stop(at: number): void {
    this.to = at;
  }
}

/** As much of an AudioContext as a tone takes. */
class FakeAudio {
  static made: FakeAudio[] = [];
  readonly currentTime = 3;
  readonly destination = {};
  state = "suspended";
  readonly resume = vi.fn(() => {
    this.state = "running";
    return Promise.resolve();
  });
  readonly suspend = vi.fn(() => {
    this.state = "suspended";
    return Promise.resolve();
  });
  readonly tones: FakeTone[] = [];

  constructor() {
    FakeAudio.made.push(this);
  }

  createOscillator(): FakeTone {
    const tone = new FakeTone();
    this.tones.push(tone);
    return tone;
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
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  it("sound and tremble, all from one audio context, which sleeps again behind a win", async () => {
    const here = platform();
    const moments = new Moments(here);
    moments.wake();
    moments.mark("seal");
    await settled();
    const [audio, ...more] = FakeAudio.made;
    expect(more).toEqual([]);
    expect(audio!.tones[0]!.onended).toBeUndefined();
    moments.mark("win");
    await settled();
    expect(here.felt.map((pattern) => pattern.length)).toEqual([1, 5]);
    const [seal, ...win] = audio!.tones;
    expect(seal!.from).toBe(3);
    const heights = win.map(({ frequency }) => frequency.value);
    expect(heights).toEqual([...heights].sort((left, right) => left - right));
    for (const { from, to } of audio!.tones) expect(to - from).toBeCloseTo(0.4);
    win.at(-1)!.onended!();
    expect(audio!.suspend).toHaveBeenCalledTimes(1);
    expect(FakeAudio.made).toEqual([audio]);
  });

  it("are not heard late, where a browser wakes its audio with a touch that means something else", async () => {
    const moments = new Moments(platform());
    moments.wake();
    const [audio] = FakeAudio.made;
    let wake = (): void => undefined;
    audio!.state = "suspended";
    audio!.resume.mockImplementation(() => new Promise((resolve) => (wake = resolve)));
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      moments.mark("win");
      vi.advanceTimersByTime(5_000);
      wake();
      await Promise.resolve();
      await settled();
    } finally {
      vi.useRealTimers();
    }
    expect(audio!.tones).toEqual([]);
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
