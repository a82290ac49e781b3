import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import type { Header } from "../chain/header.ts";
import {
  BUSY_OUTPUTS_PER_KS,
  CALM_OUTPUTS_PER_KS,
  PACE_MARKS_MAX,
  PACE_STEP_MS,
  PACE_STRETCH_MS,
  PACE_STRETCH_MS_MIN,
} from "../params/private-fetch.ts";
import { timeMs, type TimeMs } from "../values/height.ts";

/** How many outputs the chain had made by some block. */
export interface PaceMark {
  readonly timeMs: TimeMs;
  readonly nextLeaf: number;
}

/**
 * NW-8: how fast the chain makes outputs, by its headers alone. Whoever follows the same headers from the same block
 * finds the same, whatever its wallet holds.
 */
export interface OutputPace {
  /** About one a step over the stretch that is looked at, the oldest first; at least one. */
  readonly marks: readonly PaceMark[];
  /** Too many outputs to download all of them. */
  readonly isBusy: boolean;
}

/** At the block at which a client begins. */
export function startPace({ time, nextLeaf }: Pick<Header, "time" | "nextLeaf">): OutputPace {
  return { marks: [{ timeMs: time, nextLeaf }], isBusy: false };
}

/** After the next block. Between the two bounds it stays as it was, so that it does not go to and fro. */
export function followPace(pace: OutputPace, { time, nextLeaf }: Pick<Header, "time" | "nextLeaf">): OutputPace {
  if (time - pace.marks.at(-1)!.timeMs < PACE_STEP_MS) return pace;
  const all = [...pace.marks, { timeMs: time, nextLeaf }];
  const first = all.findLastIndex((mark) => time - mark.timeMs >= PACE_STRETCH_MS);
  const marks = all.slice(Math.max(first, 0));
  const spanMs = time - marks[0]!.timeMs;
  if (spanMs < PACE_STRETCH_MS_MIN) return { marks, isBusy: pace.isBusy };
  const bound = pace.isBusy ? CALM_OUTPUTS_PER_KS : BUSY_OUTPUTS_PER_KS;
  return { marks, isBusy: (nextLeaf - marks[0]!.nextLeaf) * 1_000_000 > bound * spanMs };
}

/** `busy1 ‖ count1 ‖ {time u64 ‖ next_leaf u64}`. */
export function writePace(writer: Writer, { marks, isBusy }: OutputPace): void {
  writer.u8(isBusy ? 1 : 0).u8(marks.length);
  for (const mark of marks) writer.u64(mark.timeMs).u64(mark.nextLeaf);
}

/** The pace at a header. */
export function readPace(reader: Reader, header: Pick<Header, "time" | "nextLeaf">): OutputPace {
  const busy = reader.u8();
  const count = reader.u8();
  if (busy > 1 || count < 1 || count > PACE_MARKS_MAX) throw new DecodeError("pace");
  const marks: PaceMark[] = [];
  for (let index = 0; index < count; index++) {
    const mark = { timeMs: timeMs(reader.u53()), nextLeaf: reader.u53() };
    const before = marks.at(-1);
    const isInOrder = before === undefined || (mark.timeMs > before.timeMs && mark.nextLeaf >= before.nextLeaf);
    if (!isInOrder || mark.timeMs > header.time || mark.nextLeaf > header.nextLeaf) throw new DecodeError("pace marks");
    marks.push(mark);
  }
  return { marks, isBusy: busy === 1 };
}
