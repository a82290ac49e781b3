import { expect, it } from "vitest";
import { createBrowserHost } from "../../../src/net/host/create-browser-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";

it("[NW-11] a client's host listens nowhere and is in no gossip mesh", async () => {
  const host = await createBrowserHost({ chainId: 1000, identity: await generateIdentity() });
  try {
    expect(host.addresses()).toEqual([]);
    await expect(host.publish("tx", Uint8Array.of(1))).rejects.toThrow("no gossip mesh");
    expect(() => host.subscribe("tx", 10, () => Promise.resolve({ verdict: "accept" }))).toThrow("no gossip mesh");
  } finally {
    await host.stop();
  }
});
