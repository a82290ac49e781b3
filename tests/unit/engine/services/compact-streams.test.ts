import { beforeEach, describe, expect, it } from "vitest";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import type { ClientHost } from "../../../../src/engine/services/client-host.ts";
import type { ClientNetworkPorts, UntimedEvent } from "../../../../src/engine/services/client-network-ports.ts";
import { CompactStreams } from "../../../../src/engine/services/compact-streams.ts";
import { decodeCompactRequest, encodeCompactItem } from "../../../../src/wire/requests/compact.ts";
import { ClientChain, randomOutput } from "../../../support/client-chain.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";

const chain = new ClientChain(NETWORK_PARAMS.dev);
for (let block = 0; block < 4; block++) chain.add({ outputs: [randomOutput()] });
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("streams of blocks", () => {
  let events: UntimedEvent[];
  let cancelled: number;
  let streams: CompactStreams;

  beforeEach(() => {
    events = [];
    cancelled = 0;
    const many = (_host: NetworkPort, _peer: string, _protocol: unknown, frame: Uint8Array) => {
      const { from, isFull } = decodeCompactRequest(frame);
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const frames = async function* (): AsyncIterable<Uint8Array> {
        for (const item of chain.items.slice(from)) {
          yield encodeCompactItem(isFull ? item : { ...item, outputs: undefined });
        }
        await ended;
      };
      const cancel = (): void => {
        cancelled++;
        end();
      };
      return { frames: frames(), cancel };
    };
    const ports = { requests: { many }, post: (event: UntimedEvent) => events.push(event), room: () => soon() };
    // The host is there a moment later, as it is in life.
    const asked: ClientHost["asked"] = async (_peer, work) => work(await ({} as Promise<NetworkPort>), {} as never);
    streams = new CompactStreams(ports as unknown as ClientNetworkPorts, { asked } as unknown as ClientHost);
  });

  const heights = () =>
    events.flatMap((event) => (event.type === "compact-block-received" ? [event.item.header.height as number] : []));

  it("one that is paused as soon as it is opened waits until it may go on", async () => {
    void streams.open("peer", 1, true);
    streams.pause("peer");
    await soon();
    await soon();
    await soon();
    expect(heights()).toEqual([1]);
    streams.resume("peer");
    await expect.poll(heights).toEqual([1, 2, 3, 4]);
  });

  it("[NW-8] one that takes the place of another brings its own kind, and the end of the other is none of it", async () => {
    void streams.open("peer", 1, true);
    await soon();
    const before = events.length;
    void streams.open("peer", 3, false);
    await expect.poll(() => heights().at(-1)).toBe(4);
    await soon();
    const after = events.slice(before);
    expect(after.every((event) => event.type === "compact-block-received" && event.item.outputs === undefined)).toBe(
      true,
    );
    expect(cancelled).toBeGreaterThan(0);
  });

  it("one that is closed as soon as it is opened asks nobody", async () => {
    void streams.open("peer", 1, true);
    streams.close("peer");
    await soon();
    await soon();
    expect(events).toEqual([]);
    expect(cancelled).toBe(0);
  });
});
