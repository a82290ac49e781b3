import type { LightClientState } from "../../core/machines/light-client-state.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { LightClientRun } from "./light-client-run.ts";
import type { Timers } from "./network-edges.ts";

const WAIT_MS = 10_000;

/** The first state that is as wanted, 10 seconds from now at most. undefined: it did not come, or the run is over. */
export function untilState(
  run: Pick<LightClientRun, "until">,
  timers: Timers,
  isWanted: (state: LightClientState) => boolean,
): Promise<LightClientState | undefined> {
  return new Promise((resolve) => {
    const callOff = timers.after(WAIT_MS, () => resolve(undefined));
    void run
      .until(isWanted)
      .then(resolve, () => resolve(undefined))
      .finally(callOff);
  });
}

/**
 * The network of a client that may just have been opened: somebody may be quick and ask before the network file was
 * read. Waits for it, 10 seconds at most. undefined: it could not be had, or the run is over.
 */
export async function untilConfigured(
  run: Pick<LightClientRun, "until">,
  timers: Timers,
): Promise<NetworkConfig | undefined> {
  const isRead = ({ config, problem }: LightClientState): boolean => config !== undefined || problem !== undefined;
  return (await untilState(run, timers, isRead))?.config;
}
