import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { LightClientRun } from "./light-client-run.ts";
import type { Timers } from "./network-edges.ts";

const CONFIG_MS = 10_000;

/**
 * The network of a client that may just have been opened: somebody may be quick and ask before the network file was
 * read. Waits for it, 10 seconds at most. undefined: it could not be had, or the run is over.
 */
export function untilConfigured(
  run: Pick<LightClientRun, "until">,
  timers: Timers,
): Promise<NetworkConfig | undefined> {
  return new Promise((resolve) => {
    const callOff = timers.after(CONFIG_MS, () => resolve(undefined));
    const read = run.until(({ config, problem }) => config !== undefined || problem !== undefined);
    void read
      .then(
        ({ config }) => resolve(config),
        () => resolve(undefined),
      )
      .finally(callOff);
  });
}
