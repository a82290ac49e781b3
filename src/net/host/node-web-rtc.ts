import { webRTCDirect } from "@libp2p/webrtc";
import type { HostCertificate } from "./create-node-host.ts";
import { inOneChannel } from "./web-rtc-carrier.ts";

/**
 * WebRTC-direct for a host that listens. Importing this file loads a native module, which takes a moment and is missing
 * on some platforms: only hosts that need it do so.
 */
export function nodeWebRtc(certificate: HostCertificate): ReturnType<typeof webRTCDirect> {
  // Without a list of our own the library asks STUN servers of strangers (NW-11).
  return inOneChannel(webRTCDirect({ rtcConfiguration: { iceServers: [] }, certificate }));
}
