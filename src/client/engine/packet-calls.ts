import type { ClientApi } from "../../api/client-api.ts";
import type { LightClient } from "../../engine/services/light-client.ts";

/** The calls about red packets, each once the client is open. */
export function packetCalls(client: { opened(): Promise<Pick<LightClient, "packets">> }): ClientApi["packets"] {
  return {
    look: async (link) => (await client.opened()).packets.look(link),
    prepare: async () => (await client.opened()).packets.prepare(),
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
