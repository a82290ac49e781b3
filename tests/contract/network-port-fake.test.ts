import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import { FakeNetwork } from "../support/fake-network.ts";
import { gossipContract, networkPortContract, type NetworkPlace } from "./network-port.ts";

function openPlace(network: FakeNetwork): Promise<NetworkPlace> {
  const ports: NetworkPort[] = [];
  return Promise.resolve({
    join: () => {
      const port = network.join(`peer-${ports.length}`);
      ports.push(port);
      return Promise.resolve(port);
    },
    addressOf: (port) => port.addresses()[0]!,
    dispose: async () => {
      await Promise.all(ports.map((port) => port.stop()));
    },
  });
}

const inMicrotasks = (): Promise<NetworkPlace> => openPlace(new FakeNetwork());
const withDelays = (): Promise<NetworkPlace> => {
  return openPlace(new FakeNetwork({ schedule: (deliver, delayMs) => setTimeout(deliver, delayMs), delayMs: () => 1 }));
};

networkPortContract("in memory", inMicrotasks);
networkPortContract("in memory with delays", withDelays);
gossipContract("in memory", inMicrotasks);
