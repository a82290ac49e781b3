/** What can be heard and felt, once somebody has chosen it: a seal that breaks, and coins that are there. */
export type Moment = "seal" | "win";

/** Notes in hertz, each with the seconds after the first at which it begins. */
const NOTES: Readonly<Record<Moment, readonly (readonly [hertz: number, atS: number])[]>> = {
  seal: [[196, 0]],
  win: [
    [523, 0],
    [659, 0.09],
    [784, 0.18],
    [1047, 0.27],
  ],
};
/** Milliseconds of trembling and of rest in turns. */
const TREMBLES: Readonly<Record<Moment, number[]>> = { seal: [12], win: [24, 60, 24, 60, 48] };
const RING_S = 0.4;
/** What comes later than this belongs to nothing that anybody sees. */
const LATE_MS = 500;
const LOUDNESS = 0.12;

/** What of a browser it takes; not everyone has both. */
export interface MomentsPlatform {
  readonly navigator: { vibrate?: (pattern: number[]) => boolean };
  readonly AudioContext?: (new () => AudioContext) | undefined;
}

/**
 * Marks a moment by sound and vibration, as far as a browser has them and allows it. They are made here: nothing is
 * fetched. A browser lets a page sound only behind a finger or key, so that is where `wake` or the first moment has to come
 * from; behind a win nothing keeps the device's loudspeaker busy. One serves a page.
 */
export class Moments {
  readonly #platform: MomentsPlatform;
  #audio: AudioContext | undefined;

  constructor(platform: MomentsPlatform) {
    this.#platform = platform;
  }

  /** Never throws: comfort, which nothing waits for. */
  mark(moment: Moment): void {
    try {
      this.#platform.navigator.vibrate?.(TREMBLES[moment]);
    } catch {
      // Without a touch before it a browser may refuse.
    }
    // No output device, or none that this page may use.
    this.#ring(moment).catch(() => undefined);
  }

  /** A moment will come of what somebody has just touched. Never throws. */
  wake(): void {
    this.#running().catch(() => undefined);
  }

  async #ring(moment: Moment): Promise<void> {
    const askedMs = performance.now();
    const audio = await this.#running();
    // Somewhere it wakes only with the next touch, which means something else.
    if (audio === undefined || performance.now() - askedMs > LATE_MS) return;
    const tones = NOTES[moment].map(([hertz, atS]) => ringOne(audio, hertz, audio.currentTime + atS));
    const last = tones.at(-1);
    if (moment === "win" && last !== undefined) last.onended = () => void audio.suspend().catch(() => undefined);
  }

  /** Once it sounds; Safari interrupts it whenever another app does. */
  async #running(): Promise<AudioContext | undefined> {
    const { AudioContext } = this.#platform;
    if (AudioContext === undefined) return undefined;
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    if (audio.state !== "running") await audio.resume();
    return audio;
  }
}

function ringOne(audio: AudioContext, hertz: number, at: number): OscillatorNode {
  const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
  tone.type = "triangle";
  tone.frequency.value = hertz;
  loudness.gain.setValueAtTime(LOUDNESS, at);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + RING_S);
  tone.connect(loudness).connect(audio.destination);
  tone.start(at);
  tone.stop(at + RING_S);
  return tone;
}
