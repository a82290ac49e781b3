import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { ClientWorld, SERVERS } from "../../../support/client-world.ts";

describe("a client whose page nobody looks at", () => {
  let world: ClientWorld;
  afterEach(async () => {
    await world.close();
  });

  it("[NW-13] reads no mempool until somebody does, also after it has begun anew", async () => {
    world = new ClientWorld();
    await world.serve();
    const open = new Set<string>();
    let opened = 0;
    for (const name of SERVERS) {
      await world.network.portOf(name)!.serve(PROTOCOL.pool.name, PROTOCOL.pool.served, async (stream) => {
        opened++;
        open.add(stream.peer);
        await stream.closed;
        open.delete(stream.peer);
      });
    }
    const client = await world.open();
    await client.network.foreground(false);
    await client.accounts.create();
    await world.live();
    expect(opened).toBe(0);
    await client.network.foreground(true);
    await world.until(() => open.size === 1 || undefined, "stream of a mempool");
    await client.network.foreground(false);
    await world.until(() => open.size === 0 || undefined, "end of the stream");

    await client.accounts.erase();
    await client.accounts.create();
    await world.live();
    expect(opened).toBe(1);
    await client.network.foreground(true);
    await world.until(() => open.size === 1 || undefined, "stream of a mempool");
    expect(world.failures).toEqual([]);
  });
});
