import type {
  MultiaddrConnection,
  Stream,
  StreamMuxer,
  Upgrader,
  UpgraderOptions,
  UpgraderWithoutEncryptionOptions,
} from "@libp2p/interface";
import type { webRTCDirect } from "@libp2p/webrtc";
import { changedUpgrader, throughUpgrader } from "./changed-upgrader.ts";

type OpenTransport = ReturnType<typeof webRTCDirect>;
type Options = UpgraderOptions | UpgraderWithoutEncryptionOptions;

/** How long a connection that ends waits until the peer has its last words. */
const GOODBYE_MS = 300;

/**
 * Runs the host's own muxer inside one data channel of each WebRTC connection. The library would give each stream a
 * channel, and a channel takes whatever arrives: a reader that waits could not make the sender wait, and none of a
 * connection's limits would hold (NW-1).
 */
export function inOneChannel(open: OpenTransport): OpenTransport {
  return throughUpgrader(open, withCarrier);
}

function withCarrier(upgrader: Upgrader): Upgrader {
  return changedUpgrader(upgrader, {
    upgradeInbound: async (connection: MultiaddrConnection, options: Options) =>
      upgrader.upgradeInbound(connection, await carried(upgrader, connection, options)),
    upgradeOutbound: async (connection: MultiaddrConnection, options: Options) =>
      upgrader.upgradeOutbound(connection, await carried(upgrader, connection, options)),
  });
}

/** Who dials opens the channel. It lives as long as the connection, and the connection as long as it. */
async function carried<O extends Options>(upgrader: Upgrader, connection: MultiaddrConnection, options: O): Promise<O> {
  const channels = options.muxerFactory?.createStreamMuxer(connection);
  const [muxer] = upgrader.getStreamMuxers().values();
  if (channels === undefined || muxer === undefined) throw new TypeError("a WebRTC transport without channels");
  const { signal } = options;
  const carrier = await (connection.direction === "outbound"
    ? channels.createStream({ signal })
    : firstChannel(channels, signal));
  const end = (): void => connection.abort(new Error("data channel closed"));
  carrier.addEventListener("close", end);
  const close = connection.close.bind(connection);
  // A connection drops what still waits in its channel, the goodbye as well: the peer would wait for us for seconds.
  connection.close = async (closeOptions) => {
    await Promise.resolve(carrier.close({ signal: AbortSignal.timeout(GOODBYE_MS) })).catch(() => undefined);
    await close(closeOptions);
  };
  const createStreamMuxer = (): StreamMuxer => {
    const streams = muxer.createStreamMuxer(carrier);
    // The peer has said goodbye: its connection ends now, not when the browser has waited for it in vain.
    carrier.addEventListener("message", () => {
      if (streams.status === "closed") end();
    });
    return streams;
  };
  const muxerFactory = { protocol: muxer.protocol, createStreamMuxer };
  return { ...options, muxerFactory };
}

/** The channel that the peer opens; any other it opens is ended at once. */
function firstChannel(channels: StreamMuxer, signal: AbortSignal): Promise<Stream> {
  return new Promise((resolve, reject) => {
    let hasOne = false;
    channels.addEventListener("stream", ({ detail: channel }) => {
      if (hasOne) channel.abort(new Error("one channel is enough"));
      hasOne = true;
      resolve(channel);
    });
    signal.addEventListener("abort", () => reject(new Error("no data channel")));
    if (signal.aborted) reject(new Error("no data channel"));
  });
}
