import type { ClientApi } from "../../api/client-api.ts";
import type { LightClient } from "../../engine/services/light-client.ts";

/** What a tap needs: one makes the claim, and one looks through blocks meanwhile. */
const WORKERS_OF_TAP = 2;

interface PacketClient {
  opened(): Promise<Pick<LightClient, "packets">>;
  warm(workers: number): void;
}

/** The calls about red packets, each once the client is open. */
export function packetCalls(client: PacketClient): ClientApi["packets"] {
  return {
    look: async (link) => (await client.opened()).packets.look(link),
    prepare: async () => {
      const { packets } = await client.opened();
      client.warm(WORKERS_OF_TAP);
      await packets.prepare();
    },
    open: async (link, password) => (await client.opened()).packets.open(link, password),
    opening: async () => (await client.opened()).packets.opening(),
    claims: async () => (await client.opened()).packets.claims(),
    terms: async () => (await client.opened()).packets.terms(),
    propose: async (draft) => (await client.opened()).packets.propose(draft),
    proposeGift: async (amount) => (await client.opened()).packets.proposeGift(amount),
    proposeBack: async (id) => (await client.opened()).packets.proposeBack(id),
    made: async () => (await client.opened()).packets.made(),
    fragment: async (id) => (await client.opened()).packets.fragment(id),
    shares: async (id) => (await client.opened()).packets.shares(id),
    picture: async (idOrLink) => (await client.opened()).packets.picture(idOrLink),
    check: async (id) => (await client.opened()).packets.check(id),
    checking: async () => (await client.opened()).packets.checking(),
  };
}
