import type { Libp2pOptions } from "libp2p";
import { noise, type NoiseInit } from "@libp2p/noise";
import { yamux } from "@libp2p/yamux";
import {
  CONNECTION_STREAMS_MAX,
  CONNECTIONS_HALF_OPEN_MAX,
  HANDSHAKE_MS_MAX,
  STREAM_WINDOW_BYTES_MAX,
} from "../../wire/limits.ts";
import type { MakeMuxer } from "./each-muxer.ts";
import { endDeadLines } from "./end-dead-lines.ts";
import { joinMessages } from "./join-messages.ts";
import { updateWindowsLazily } from "./lazy-windows.ts";
import { SILENT_LOG } from "./silent-log.ts";

const DIAL_MS = 10_000;
/** Of one host: many peers of one household or test share an address. */
export const INBOUND_PER_SECOND = 100;

/** What Noise encrypts with where a platform has better than its default. */
export type NoiseCrypto = NonNullable<NoiseInit["crypto"]>;

/** What hosts have each their own. */
interface StackOptions {
  readonly crypto?: NoiseCrypto | undefined;
  readonly inboundPerSecond?: number | undefined;
  /** What becomes of the muxer of streams. */
  readonly changeMuxer?: (make: MakeMuxer) => MakeMuxer;
}

/** What every host shares: encryption, streams and the limits of a connection. */
export function connectionStack(
  connectionsMax: number,
  { crypto, inboundPerSecond = INBOUND_PER_SECOND, changeMuxer = (make) => make }: StackOptions = {},
): Libp2pOptions {
  return {
    logger: SILENT_LOG,
    nodeInfo: { name: "stg", version: "1", userAgent: "stg/1" },
    connectionEncrypters: [joinMessages(noise(crypto === undefined ? {} : { crypto }))],
    streamMuxers: [
      changeMuxer(
        endDeadLines(
          updateWindowsLazily(
            yamux({
              enableKeepAlive: false,
              maxInboundStreams: CONNECTION_STREAMS_MAX,
              maxOutboundStreams: CONNECTION_STREAMS_MAX,
              maxEarlyStreams: CONNECTION_STREAMS_MAX,
              streamOptions: {
                maxStreamWindowSize: STREAM_WINDOW_BYTES_MAX,
                // A paused stream holds one window; anything above it is a peer that ignores flow control.
                maxReadBufferLength: 2 * STREAM_WINDOW_BYTES_MAX,
              },
            }),
          ),
        ),
      ),
    ],
    connectionManager: {
      maxConnections: connectionsMax,
      inboundConnectionThreshold: inboundPerSecond,
      maxIncomingPendingConnections: CONNECTIONS_HALF_OPEN_MAX,
      inboundUpgradeTimeout: HANDSHAKE_MS_MAX,
      dialTimeout: DIAL_MS,
      reconnectRetries: 0,
      // No name is looked up at a third party.
      resolvers: {},
    },
    // Its pings open a stream each; `endDeadLines` does without.
    connectionMonitor: { enabled: false },
  };
}
