import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOCK_BACK_MS, followClock } from "../../../../src/core/machines/light-client-clock-back.ts";
import { RESEND_MS } from "../../../../src/core/machines/light-client-payments.ts";
import { viewSync } from "../../../../src/core/machines/light-client-views.ts";
import {
  FRESH_NODE,
  INITIAL_LIGHT_CLIENT,
  type Draft,
  type LightClientState,
} from "../../../../src/core/machines/light-client-state.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const DAY_MS = 24 * 60 * 60_000;
const MACHINES = new URL("../../../../src/core/machines/", import.meta.url);
const sync = (world: LightClientWorld) => viewSync(world.state, world.deviceMs);

/** A device a few hours ahead, whose trust lasts for days: it follows the chain, and says that its clock is wrong. */
function worldAhead(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed, 3, { trustingMs: 9 * DAY_MS });
  for (let index = 0; index < 10; index++) world.mine({ isEpochEnd: index === 4, coins: index === 7 ? [90n] : [] });
  world.nowMs = world.chain.tip.time;
  world.clockOffMs = 5 * 60 * 60_000;
  world.start();
  world.run(8_000);
  expect(sync(world)).toMatchObject({ state: "live", problem: "clock_wrong" });
  return world;
}

describe("a clock that is set back under a running client", () => {
  it("[LC-6] nodes are dialled again", () => {
    const world = worldAhead(1);
    for (const node of world.nodes) node.isReachable = false;
    for (const node of world.nodes.keys()) world.dropConnections(node);
    world.run(3_000);
    world.clockOffMs = 0;
    for (const node of world.nodes) node.isReachable = true;
    world.run(40_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
  });

  it("[LC-6] connected nodes are asked where they stand, and a silent source is left", () => {
    const world = worldAhead(2);
    world.clockOffMs = 0;
    world.run(2_000);
    world.nodes[world.state.data!.node]!.isSilent = true;
    world.run(60_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(sync(world).height).toBeGreaterThan(world.chain.tip.height - 4);
  });

  it("[NW-3] a payment that is not final is sent again in time", () => {
    const world = worldAhead(3);
    for (const node of world.nodes) node.takesPayments = false;
    expect(world.pay("a", 20n)).toBeDefined();
    world.run(1_000);
    const before = world.submissions.length;
    expect(before).toBeGreaterThan(0);
    world.clockOffMs = 0;
    for (const node of world.nodes) node.takesPayments = true;
    world.run(RESEND_MS + 2_000);
    expect(world.submissions.length).toBeGreaterThan(before);
    expect(world.minedPayments).toHaveLength(1);
  });

  it("a clock that is trimmed by less moves nothing, however often in all it is noticed", () => {
    const state = { ...INITIAL_LIGHT_CLIENT, clockMs: 100_000, nodes: [{ ...FRESH_NODE, retryAtMs: 110_000 }] };
    const trimmed = followed(state, 100_000 - CLOCK_BACK_MS);
    expect(trimmed).toBe(state);
    expect(followed(trimmed, 100_000 - CLOCK_BACK_MS - 1).nodes[0]!.retryAtMs).toBe(110_000 - CLOCK_BACK_MS - 1);
  });

  it("every time that the machine has from it goes back along with it", () => {
    const before = timesIn(FULL);
    const after = timesIn(followed(FULL, NOW_MS - DAY_MS));
    expect(after.map(([path]) => path)).toEqual(before.map(([path]) => path));
    after.forEach(([path, atMs], index) => {
      expect(atMs, path).toBe(STAYS.has(nameOf(path)) ? before[index]![1] : before[index]![1] - DAY_MS);
    });
  });

  it("no time field of the state is missing in the test above", () => {
    const declared = readdirSync(MACHINES)
      .filter((file) => /^light-client-.*state\.ts$/.test(file))
      .flatMap((file) => [...readFileSync(new URL(file, MACHINES), "utf8").matchAll(/readonly (\w+)\??: ([^;]+);/g)]);
    const times = declared.filter(([, name, type]) => name!.endsWith("Ms") || type!.endsWith(", number>"));
    const names = times.map(([, name]) => name!).filter((name) => name !== "nowMs");
    expect(names.sort()).toEqual(
      timesIn(FULL)
        .map(([path]) => nameOf(path))
        .sort(),
    );
  });
});

const NOW_MS = 10 * DAY_MS;
/** Times of blocks. */
const STAYS = new Set(["timeMs"]);

function followed(state: LightClientState, nowMs: number): LightClientState {
  const draft = {
    state,
    stored: state.durable,
    effects: [],
    nowMs: timeMs(nowMs),
    deps: undefined as never,
  } satisfies Draft;
  followClock(draft);
  return draft.state;
}

const asked = { node: 0, peer: "peer", deadlineMs: NOW_MS + 2 };
const AT = timeMs(NOW_MS + 1);

/** Something of everything that has a time. */
const FULL: LightClientState = {
  ...INITIAL_LIGHT_CLIENT,
  phase: "running",
  clockMs: NOW_MS,
  fetchAtMs: NOW_MS + 3,
  timerAtMs: NOW_MS + 4,
  nodes: [
    {
      ...FRESH_NODE,
      connectedMs: NOW_MS - 19,
      askedMs: NOW_MS - 5,
      peersAskedMs: NOW_MS - 6,
      retryAtMs: NOW_MS + 7,
    },
  ],
  sourcelessMs: NOW_MS - 20,
  data: {
    peer: "peer",
    node: 0,
    stage: "blocks",
    claimedHeight: 1,
    heardMs: NOW_MS - 8,
    isPaused: false,
    isFull: true,
    isTurning: false,
  },
  sending: new Map([["tx", { nextAtMs: NOW_MS + 9, attempts: 1, lastNode: 0 }]]),
  fetch: { request: { ...asked, requestId: 1, bucket: 0 }, pauses: new Map([[0, NOW_MS + 10]]) },
  restore: {
    ...INITIAL_LIGHT_CLIENT.restore,
    requests: [{ ...asked, requestId: 1, asks: { type: "buckets", bucket: 0 } }],
    pauses: new Map([[0, { untilMs: NOW_MS + 11, isNotServed: false }]]),
    shown: { text: undefined, steady: undefined, atMs: NOW_MS - 18 },
  },
  pool: {
    ...INITIAL_LIGHT_CLIENT.pool,
    source: { node: 0, peer: "peer", openedMs: NOW_MS - 12, outputCount: 0 },
    retryAtMs: NOW_MS + 13,
    finds: new Map([["tx", { notes: [], seenMs: AT, untilMs: NOW_MS + 14 }]]),
  },
  trust: {
    ...INITIAL_LIGHT_CLIENT.trust,
    questions: [{ ...asked, questionId: 1, purpose: "compare", from: 1 }],
    compareAtMs: NOW_MS + 15,
    check: { ...asked, ours: undefined as never, claimed: undefined, theirs: undefined, plan: undefined },
    climb: { node: 0, root: undefined as never, plan: undefined, arrived: undefined, waitUntilMs: NOW_MS + 16 },
    entered: { ...asked, entryId: "entry", name: undefined as never, asked: new Set(), isContradicted: false },
    clock: {
      verdict: "ahead",
      oldBlocks: 3,
      samples: new Map([[0, { height: 1, timeMs: AT, isMoving: true }]]),
      askedMs: new Map([[0, NOW_MS - 17]]),
    },
  },
};

/** Every number of a field named …Ms, and all that maps have for values, with the way there. */
function timesIn(value: unknown, path = ""): readonly (readonly [string, number])[] {
  if (typeof value === "number") return /(Ms|\])$/.test(path) ? [[path, value]] : [];
  if (value instanceof Map) return [...value].flatMap(([key, each]) => timesIn(each, `${path}/[${String(key)}]`));
  if (typeof value !== "object" || value === null || value instanceof Set) return [];
  return Object.entries(value).flatMap(([key, each]) => timesIn(each, `${path}/${key}`));
}

/** The last field on the way. */
function nameOf(path: string): string {
  return path.split("/").findLast((part) => /^\w/.test(part))!;
}
