import { beforeEach, expect, it } from "vitest";
import { INITIAL_LIGHT_CLIENT, type LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import type { NetworkConfig } from "../../../../src/core/sync/network-config.ts";
import { untilConfigured } from "../../../../src/engine/services/until-configured.ts";
import { eventually } from "../../../support/eventually.ts";

const CONFIG = { network: "dev" } as NetworkConfig;

/** A run whose state a test changes by hand, and a clock that goes on when it says so. */
let change: (state: Partial<LightClientState>) => void;
let end: () => void;
let timers: { readonly delayMs: number; readonly callback: () => void }[];
let asked: Promise<NetworkConfig | undefined>;

beforeEach(() => {
  timers = [];
  const run = {
    until: (isWanted: (state: LightClientState) => boolean): Promise<LightClientState> =>
      new Promise((resolve, reject) => {
        change = (changed) => {
          const state = { ...INITIAL_LIGHT_CLIENT, ...changed };
          if (isWanted(state)) resolve(state);
        };
        end = () => reject(new Error("over"));
        change({});
      }),
  };
  const after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { delayMs, callback };
    timers.push(timer);
    return () => timers.splice(timers.indexOf(timer), 1);
  };
  asked = untilConfigured(run, { now: () => 0, after });
});

it("waits for the network, and for no clock any more once it is there", async () => {
  change({ phase: "running" });
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([10_000]);
  change({ config: CONFIG });
  expect(await asked).toBe(CONFIG);
  await eventually(() => expect(timers).toEqual([]));
});

it.each<[string, () => void]>([
  ["nobody answers in time", () => timers[0]!.callback()],
  ["there is no file", () => change({ problem: "no_network_file" })],
  ["the run is over", () => end()],
])("has none where %s", async (_why, happens) => {
  happens();
  expect(await asked).toBeUndefined();
});
