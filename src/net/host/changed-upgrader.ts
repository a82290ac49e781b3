import type { Transport, Upgrader } from "@libp2p/interface";

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

type OpenTransport<Components> = (components: Components) => Transport;

/** A transport whose connections, dialled and accepted, all go through another upgrader. */
export function throughUpgrader<Components>(
  open: OpenTransport<Components>,
  change: (upgrader: Upgrader) => Upgrader,
): OpenTransport<Components> {
  return (components) => {
    const transport = open(components);
    const dial = transport.dial.bind(transport);
    const createListener = transport.createListener.bind(transport);
    transport.dial = (address, options) => dial(address, { ...options, upgrader: change(options.upgrader) });
    transport.createListener = (options) => createListener({ ...options, upgrader: change(options.upgrader) });
    return transport;
  };
}
