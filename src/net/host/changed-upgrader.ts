import type { Upgrader } from "@libp2p/interface";

/** An upgrader that does some things otherwise. */
export function changedUpgrader(upgrader: Upgrader, changes: Partial<Upgrader>): Upgrader {
  return {
    upgradeInbound: upgrader.upgradeInbound.bind(upgrader),
    upgradeOutbound: upgrader.upgradeOutbound.bind(upgrader),
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
    ...changes,
  };
}
