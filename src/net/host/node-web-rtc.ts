import type { Listener, Upgrader } from "@libp2p/interface";
import { webRTCDirect } from "@libp2p/webrtc";
import { PeerConnection } from "node-datachannel";
import type { HostCertificate } from "./create-node-host.ts";
import { HandshakeDoor } from "./handshake-door.ts";
import { changedUpgrader } from "./changed-upgrader.ts";
import { inOneChannel } from "./web-rtc-carrier.ts";

type OpenTransport = ReturnType<typeof webRTCDirect>;

/**
 * WebRTC-direct for a host that listens. Importing this file loads a native module, which takes a moment and is missing
 * on some platforms: only hosts that need it do so.
 */
export function nodeWebRtc(certificate: HostCertificate): OpenTransport {
  silenceNativeLog();
  // Without a list of our own the library asks STUN servers of strangers (NW-11).
  return behindDoor(inOneChannel(webRTCDirect({ rtcConfiguration: { iceServers: [] }, certificate })));
}

/**
 * Until its first connection the native module prints what strangers send, on standard output. This connection goes
 * nowhere: making it is what sets the level.
 */
function silenceNativeLog(): void {
  const connection = new PeerConnection("quiet", { iceServers: [], bindAddress: "127.0.0.1" });
  connection.createDataChannel("");
  connection.setLocalDescription("offer");
  connection.close();
}

function behindDoor(open: OpenTransport): OpenTransport {
  return (components) => {
    const door = new HandshakeDoor();
    const upgrader = knockingUpgrader(components.upgrader, door);
    // libp2p's components refuse to be listed, so they cannot be copied.
    const transport = open(
      new Proxy(components, { get: (all, name) => (name === "upgrader" ? upgrader : get(all, name)) }),
    );
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => shutInsteadOfClosed(createListener(options), door);
    return transport;
  };
}

const get = (target: object, name: PropertyKey): unknown => Reflect.get(target, name);

/** The library asks it for the signal of each handshake before it does anything else for it. */
function knockingUpgrader(upgrader: Upgrader, door: HandshakeDoor): Upgrader {
  return changedUpgrader(upgrader, {
    createInboundAbortSignal: (signal) => door.knock(() => upgrader.createInboundAbortSignal(signal)),
  });
}

/**
 * The native socket is shut, but never closed while the process lives: node-datachannel 0.33.4 frees its listener without
 * always taking it away from the thread that reads the socket, and the next packet of a browser that has not noticed yet
 * ends the process with a signal. The system closes it. The library's socket is reached into for that: a version without
 * it fails at the start.
 */
function shutInsteadOfClosed(listener: Listener, door: HandshakeDoor): Listener {
  const listen = listener.listen.bind(listener);
  listener.listen = async (address) => {
    await listen(address);
    const { stunServer } = listener as unknown as { readonly stunServer: { close: () => Promise<void> } };
    stunServer.close = () => {
      door.shut();
      return Promise.resolve();
    };
  };
  return listener;
}
