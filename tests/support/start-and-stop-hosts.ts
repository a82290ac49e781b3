// Starts hosts, lets them talk, stops them and says how long that took. The process must then end by itself; with
// WebRTC-direct, whose native sockets stay open until then, it is ended as the command line ends it.
import { createSocket } from "node:dgram";
import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import { createBrowserHost } from "../../src/net/host/create-browser-host.ts";
import { createNodeHost, isWebRtcAddress } from "../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../src/net/host/identity.ts";
import { testCertificate } from "./test-certificate.ts";

const LIMITS = { frameBytesMax: 100, streamsPerPeerMax: 4 };

const hasWebRtc = process.argv[2] === "webrtc";
const listen = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"];
if (hasWebRtc) listen.push("/ip4/127.0.0.1/udp/0/webrtc-direct");

async function openNode(): Promise<NetworkPort> {
  const identity = await generateIdentity();
  return createNodeHost({ chainId: 1000, identity, listen, certificate: testCertificate() });
}

const [first, second, third] = [await openNode(), await openNode(), await openNode()];
const browser = await createBrowserHost({ chainId: 1000, identity: await generateIdentity() });
const addressOf = (isWanted: (address: string) => boolean): string => first.addresses().find(isWanted)!;
for (const node of [first, second]) node.subscribe("tx", 100, () => Promise.resolve({ verdict: "accept" }));
await first.serve("hold", LIMITS, (stream) => stream.closed);
await second.dial(
  addressOf((address) => /\/tcp\/\d+\/p2p/.test(address)),
  5_000,
);
await browser.dial(
  addressOf((address) => address.includes("/ws")),
  5_000,
);
await browser.openStream(first.self, "hold", LIMITS);
if (hasWebRtc) {
  await sendMalformed(Number(/\/udp\/(\d+)\//.exec(addressOf(isWebRtcAddress))![1]));
  await third.dial(addressOf(isWebRtcAddress), 30_000);
  await third.openStream(first.self, "hold", LIMITS);
}
await second.publish("tx", Uint8Array.of(1));

/** A STUN request without a user name, before anybody has connected. What it says must be printed nowhere. */
async function sendMalformed(port: number): Promise<void> {
  const socket = createSocket("udp4");
  const integrity = Buffer.concat([Buffer.of(0, 8, 0, 20), Buffer.alloc(20)]);
  const head = Buffer.of(0, 1, 0, integrity.length, 0x21, 0x12, 0xa4, 0x42);
  await new Promise((sent) => {
    socket.send(Buffer.concat([head, Buffer.alloc(12), integrity]), port, "127.0.0.1", sent);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.close();
}

const startedMs = performance.now();
await Promise.all([first.stop(), second.stop(), third.stop(), browser.stop()]);
const stoppedMs = performance.now();
process.on("exit", () => {
  process.stdout.write(`${Math.round(stoppedMs - startedMs)} ${Math.round(performance.now() - stoppedMs)}\n`);
});
if (hasWebRtc) process.exit(0);
