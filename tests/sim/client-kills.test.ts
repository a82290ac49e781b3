import { describe, expect, it } from "vitest";
import { CutPlan } from "../support/cut-storage.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import type { EndOfLife } from "../support/stored-device.ts";
import { ClientStory } from "./client-story.ts";
import { STORY_KINDS, type StoryKind } from "./client-stories.ts";

const POINTS = runs(300, 10_000);
/** Each script is told once without a cut, to count its places, and then once for each of these. */
const POINTS_PER_SEED = 5;
/** In turn. */
const ENDS: readonly EndOfLife[] = ["killed", "overtaken", "killed", "no-room"];

interface Told {
  readonly wrongs: readonly string[];
  readonly places: number;
  readonly cuts: number;
  readonly staleWrites: number;
  readonly bucketsAsked: number;
}

async function tell(kind: StoryKind, seed: number, cuts: readonly number[], end: EndOfLife): Promise<Told> {
  const plan = new CutPlan(cuts);
  const story = new ClientStory(seed, plan, end);
  try {
    await kind.prepare(story, seed);
    plan.begin();
    await kind.act(story, seed);
    await story.rest();
    const wrongs = await story.audit(kind.knows(seed));
    const { cuts: cutCount, staleWrites } = story.device;
    const bucketsAsked = story.world.asked.filter(({ name }) => name === "bucket").length;
    return { wrongs, places: plan.passed, cuts: cutCount, staleWrites, bucketsAsked };
  } finally {
    await story.device.dispose();
  }
}

/** The points of one script: spread over all its places, a few of them followed by a second end soon after. */
function pointsOf(seed: number, places: number, count: number): readonly { cuts: number[]; end: EndOfLife }[] {
  const numbers = new SeededNumbers(seed);
  const shift = numbers.fraction();
  return Array.from({ length: count }, (_, index) => {
    const first = Math.floor(((index + shift) / count) * places);
    const cuts = numbers.chance(0.25) ? [first, first + numbers.between(1, 12)] : [first];
    return { cuts, end: ENDS[(seed + index) % ENDS.length]! };
  });
}

describe.each(STORY_KINDS)("$name, ended at any line", (kind) => {
  const share = POINTS / STORY_KINDS.length;
  const replayed = process.env["KILL_POINT"];

  it(`[NW-18] no coin is lost or doubled and no payment made twice: ${share} points`, async () => {
    // `KILL_POINT="send 3 17,20 killed"`: one point alone.
    if (replayed !== undefined) {
      const [name, seed, cuts, end] = replayed.split(" ");
      if (name !== kind.name) return;
      const { wrongs } = await tell(kind, Number(seed), cuts!.split(",").map(Number), end as EndOfLife);
      expect(wrongs).toEqual([]);
      return;
    }
    let told = 0;
    let staleWrites = 0;
    let bucketsAsked = 0;
    for (let seed = 1; told < share; seed++) {
      const whole = await tell(kind, seed, [], "killed");
      expect(whole.wrongs, `${kind.name}, seed ${seed}, not cut at all`).toEqual([]);
      bucketsAsked += whole.bucketsAsked;
      for (const { cuts, end } of pointsOf(seed, whole.places, Math.min(POINTS_PER_SEED, share - told))) {
        const replay = `KILL_POINT="${kind.name} ${seed} ${cuts.join()} ${end}" npm run test:sim -- client-kills`;
        const cut = await tell(kind, seed, cuts, end).catch((error: unknown) => {
          throw new Error(`replay: ${replay}`, { cause: error });
        });
        expect(cut.wrongs, `replay: ${replay}`).toEqual([]);
        expect(cut.cuts, `replay: ${replay}`).toBeGreaterThan(0);
        staleWrites += cut.staleWrites;
        told++;
      }
    }
    expect(staleWrites).toBeGreaterThan(0);
    // Coins that come on a busy chain, those of a long absence and those of a restore are fetched by bucket.
    if (kind.name !== "send" && kind.name !== "claim") expect(bucketsAsked).toBeGreaterThan(0);
  });
});
