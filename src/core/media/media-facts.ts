/** What a file says of itself, before anything is decoded. */
export interface MediaFacts {
  readonly width: number;
  readonly height: number;
  /** 1 for a still picture; undefined for a video. */
  readonly frames: number | undefined;
  /** Of one round; 0 for a still picture. */
  readonly durationMs: number;
  readonly hasSound: boolean;
}

export function stillFacts(width: number, height: number): MediaFacts {
  return { width, height, frames: 1, durationMs: 0, hasSound: false };
}

export function videoFacts(width: number, height: number, durationMs: number, hasSound: boolean): MediaFacts {
  return { width, height, frames: undefined, durationMs, hasSound };
}

/** So long browsers show a frame whose file asks for 10 ms or less. */
const HASTY_FRAME_MS = 100;

/** How long a frame of an animation is shown. */
export function frameMs(statedMs: number): number {
  return statedMs <= 10 ? HASTY_FRAME_MS : statedMs;
}
