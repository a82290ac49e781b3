import type { ComponentLogger, Logger } from "@libp2p/interface";

const nothing = (): void => undefined;
const SILENT: Logger = Object.assign(() => undefined, {
  error: nothing,
  trace: nothing,
  enabled: false,
  newScope: () => SILENT,
});

/**
 * What libp2p is given to write its notes to. They name peers and addresses, and whoever knows its switch could turn them
 * on in somebody's browser; and the logger of its own is made anew for each stream, which costs a busy node more than
 * what most streams carry.
 */
export const SILENT_LOG: ComponentLogger = { forComponent: () => SILENT };
