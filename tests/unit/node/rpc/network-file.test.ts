import { describe, expect, it } from "vitest";
import { NETWORK_NODE_ADDRESSES_MAX } from "../../../../src/engine/services/network-file.ts";
import { browserAddresses } from "../../../../src/node/rpc/network-file.ts";

const TCP = "/ip4/127.0.0.1/tcp/4001/p2p/12D3";
const WS = "/ip4/127.0.0.1/tcp/4002/ws/p2p/12D3";
const WSS = "/dns4/node.example/tcp/443/tls/ws/p2p/12D3";
const RTC = "/ip4/127.0.0.1/udp/4003/webrtc-direct/certhash/uEiA/p2p/12D3";

describe("addresses of a node for browsers", () => {
  it("are WebSocket first and WebRTC-direct second, whatever the order of listening", () => {
    expect(browserAddresses([RTC, TCP, WS, WSS])).toEqual([WS, WSS, RTC]);
  });

  it("have the hash of a certificate where they need one", () => {
    expect(browserAddresses(["/ip4/127.0.0.1/udp/4003/webrtc-direct/p2p/12D3"])).toEqual([]);
  });

  it("are never more than a client reads, of each kind some", () => {
    const many = (address: string): string[] => Array<string>(NETWORK_NODE_ADDRESSES_MAX).fill(address);
    const kept = browserAddresses([...many(WS), ...many(RTC)]);
    expect(kept.length).toBe(NETWORK_NODE_ADDRESSES_MAX);
    expect(new Set(kept)).toEqual(new Set([WS, RTC]));
  });
});
