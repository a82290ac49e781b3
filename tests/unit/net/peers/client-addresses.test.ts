import { describe, expect, it } from "vitest";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { readClientAddress } from "../../../../src/net/peers/client-addresses.ts";
import { encodeAddress } from "../../../../src/net/peers/peer-addresses.ts";

const peer = peerIdOfIdentity(await generateIdentity());
const certhash = "uEiAsGPzpiPGQzSlVHRXrUCT5EkTV7YFrV4VZ3hpEKTd_zg";
const EVERYTHING = { hasWebRtc: true, isSecurePage: false, allowsPrivate: false };

describe("addresses that a client is told of", () => {
  const read = (address: string, reach = EVERYTHING) => readClientAddress(encodeAddress(address)!, reach);

  it("[NW-17] are taken where this page can dial them", () => {
    const ws = `/ip4/5.5.5.5/tcp/80/ws/p2p/${peer}`;
    const wss = `/dns4/node.example/tcp/443/wss/p2p/${peer}`;
    const rtc = `/ip4/5.5.5.5/udp/90/webrtc-direct/certhash/${certhash}/p2p/${peer}`;
    for (const address of [ws, wss, rtc]) expect(read(address)).toBe(address);
    expect(read(ws, { ...EVERYTHING, isSecurePage: true })).toBeUndefined();
    expect(read(wss, { ...EVERYTHING, isSecurePage: true })).toBe(wss);
    expect(read(rtc, { ...EVERYTHING, hasWebRtc: false })).toBeUndefined();
    expect(read(`/ip4/5.5.5.5/tcp/80/p2p/${peer}`)).toBeUndefined();
    expect(read("/ip4/5.5.5.5/tcp/80/ws")).toBeUndefined();
    expect(read(`/dns4/node.example/tcp/80/ws/p2p/${peer}`)).toBeUndefined();
    expect(read(`/dns4/node.example/udp/90/webrtc-direct/certhash/${certhash}/p2p/${peer}`)).toBeUndefined();
    expect(readClientAddress(new Uint8Array(40).fill(7), EVERYTHING)).toBeUndefined();
  });

  it("[NW-17] lead nobody into a local network but on a dev network", () => {
    const local = ["127.0.0.1", "192.168.1.1", "10.0.0.1"].map((ip) => `/ip4/${ip}/tcp/80/ws/p2p/${peer}`);
    for (const address of local) {
      expect(read(address)).toBeUndefined();
      expect(read(address, { ...EVERYTHING, allowsPrivate: true })).toBe(address);
    }
    expect(read(`/ip4/169.254.169.254/tcp/80/ws/p2p/${peer}`, { ...EVERYTHING, allowsPrivate: true })).toBeUndefined();
  });

  it("[NW-17] nor do names that no public network has, or that are none", () => {
    const wss = (host: string): string => `/dns4/${host}/tcp/443/wss/p2p/${peer}`;
    for (const host of ["192.168.1.1", "localhost", "router", "printer.local", "a.localhost", "localhost.", "%31.1"]) {
      expect([host, read(wss(host))]).toEqual([host, undefined]);
    }
    const hidden = `/dns6/fe80::1/tcp/443/wss/p2p/${peer}`;
    expect(read(hidden)).toBeUndefined();
    for (const host of ["node.example", "a-1.b.xn--p1ai", "1.2.3.example"]) expect(read(wss(host))).toBe(wss(host));
    expect(read(wss("localhost"), { ...EVERYTHING, allowsPrivate: true })).toBe(wss("localhost"));
  });
});
