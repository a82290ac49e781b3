import { parsePacketLink } from "../../src/core/values/packet-link.ts";
import { callRpc, type Devnet } from "./devnet.ts";

/** What a node says of the packet that a link names. */
export function packetOnLedger({ url }: Devnet, link: string): Promise<unknown> {
  const parsed = parsePacketLink(link);
  if (!parsed.ok) throw new Error(parsed.code);
  return callRpc(url, "packet", { leaf: parsed.link.leaf });
}
