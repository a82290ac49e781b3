import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { ChainServer } from "../../../support/chain-server.ts";
import { ClientWorld, SERVERS } from "../../../support/client-world.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

it("[LC-3] over a fork no host is left, not even one that was dialled ahead for a payment", async () => {
  const world = new ClientWorld();
  const other = new ChainServer(new LedgerBuilder({ proofs: false }));
  for (const server of [world.server, other]) for (let block = 0; block < 2; block++) server.extend();
  await world.serve();
  const client = await world.open();
  const to = await world.makeWallet(5_000_000n);
  const hosts = (): readonly string[] => world.identities.filter((name) => world.network.portOf(name) !== undefined);
  const own = hosts();
  await world.propose(to);
  await world.until(() => hosts().length > own.length || undefined, "host dialled ahead");

  // Two of the nodes come back with another block in place of the payment's, as final as that one.
  other.extend();
  for (const name of SERVERS.slice(1)) {
    await world.network.portOf(name)!.stop();
    await other.serve(world.network.join(name));
  }
  await world.until(async () => (await client.views.sync()).problem === "fork" || undefined, "fork");
  await world.until(() => hosts().length === 0 || undefined, "end of all hosts");
  expect(world.failures).toEqual([]);
  await world.close();
});
