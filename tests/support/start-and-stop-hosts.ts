// Starts two hosts, lets them talk, stops them and says how long that took. The process must then end by itself.
import { createBrowserHost } from "../../src/net/host/create-browser-host.ts";
import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import { createNodeHost, isWebRtcAddress } from "../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../src/net/host/identity.ts";
import { testCertificate } from "./test-certificate.ts";

const LIMITS = { frameBytesMax: 100, streamsPerPeerMax: 4 };

const listen = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws", "/ip4/127.0.0.1/udp/0/webrtc-direct"];
const openNode = async (): Promise<NetworkPort> => {
  return createNodeHost({
    chainId: 1000,
    identity: await generateIdentity(),
    listen,
    certificate: testCertificate(),
  });
};
const [first, second, third] = [await openNode(), await openNode(), await openNode()];
const browser = await createBrowserHost({ chainId: 1000, identity: await generateIdentity() });
for (const node of [first, second]) node.subscribe("tx", 100, () => Promise.resolve({ verdict: "accept" }));
await first.serve("hold", LIMITS, (stream) => stream.closed);
await second.dial(
  first.addresses().find((address) => address.includes("/tcp/") && !address.includes("/ws"))!,
  5_000,
);
await browser.dial(
  first.addresses().find((address) => address.includes("/ws"))!,
  5_000,
);
await third.dial(first.addresses().find(isWebRtcAddress)!, 5_000);
await third.openStream(first.self, "hold", LIMITS);
await browser.openStream(first.self, "hold", LIMITS);
await second.publish("tx", Uint8Array.of(1));

const startedMs = performance.now();
await Promise.all([first.stop(), second.stop(), third.stop(), browser.stop()]);
const stoppedMs = performance.now();
process.on("exit", () => {
  process.stdout.write(`${Math.round(stoppedMs - startedMs)} ${Math.round(performance.now() - stoppedMs)}\n`);
});
