import { webRTCDirect } from "@libp2p/webrtc";
import { inOneChannel } from "./web-rtc-carrier.ts";

/**
 * WebRTC-direct for a host that only dials. The library looks for `RTCPeerConnection` while it is loaded, so this file
 * is imported once that is there.
 */
export function browserWebRtc(): ReturnType<typeof webRTCDirect> {
  // Without a list of our own the library asks STUN servers of strangers (NW-11).
  return inOneChannel(webRTCDirect({ rtcConfiguration: { iceServers: [] } }));
}
