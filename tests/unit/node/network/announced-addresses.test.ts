import { describe, expect, it } from "vitest";
import { announcedAddresses, type AnnouncingNode } from "../../../../src/node/network/announced-addresses.ts";

const SELF = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
const OTHER = "12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD";
const CERTHASH = "uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g";
const PUBLIC: AnnouncingNode = { self: SELF, certhash: CERTHASH, allowsPrivate: false };

const announce = (address: string, node: Partial<AnnouncingNode> = {}): string | undefined =>
  announcedAddresses([address], { ...PUBLIC, ...node })[0];

describe("[NW-15] announced addresses", () => {
  it.each([
    ["/ip4/93.184.216.34/tcp/4001", `/ip4/93.184.216.34/tcp/4001/p2p/${SELF}`],
    ["/dns4/node.example.org/tcp/443/wss", `/dns4/node.example.org/tcp/443/wss/p2p/${SELF}`],
    [`/dns/node.example.org/tcp/443/tls/ws/p2p/${SELF}`, `/dns/node.example.org/tcp/443/tls/ws/p2p/${SELF}`],
    [
      "/ip4/93.184.216.34/udp/4003/webrtc-direct",
      `/ip4/93.184.216.34/udp/4003/webrtc-direct/certhash/${CERTHASH}/p2p/${SELF}`,
    ],
  ])("%s is completed", (address, whole) => {
    expect(announce(address)).toBe(whole);
  });

  it.each([
    "",
    "node.example.org:443",
    "/ip4/93.184.216.34",
    "/ip4/93.184.216.34/tcp/0",
    "/ip4/93.184.216.34/udp/4001/quic-v1",
    `/ip4/93.184.216.34/tcp/4001/p2p/${OTHER}`,
    `/ip4/93.184.216.34/tcp/4001/p2p/${OTHER}/p2p-circuit/p2p/${SELF}`,
    "/ip4/127.0.0.1/tcp/4001",
    "/ip4/192.168.0.7/tcp/4001",
    "/ip4/0.0.0.0/tcp/4001",
  ])("%s is refused", (address) => {
    expect(() => announce(address)).toThrow(expect.objectContaining({ code: "bad_announce" }));
  });

  it("local ones are for dev networks, and WebRTC is for a node that listens for it", () => {
    expect(announce("/ip4/127.0.0.1/tcp/4001", { allowsPrivate: true })).toBe(`/ip4/127.0.0.1/tcp/4001/p2p/${SELF}`);
    const webRtc = "/ip4/93.184.216.34/udp/4003/webrtc-direct";
    expect(() => announce(webRtc, { certhash: undefined })).toThrow("does not listen for WebRTC");
  });
});
