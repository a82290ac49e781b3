import { parseAddress } from "../../core/values/address.ts";
import { ADDRESS_PREFIX, type NetworkName, networkOfChainId } from "../../core/values/network.ts";
import { formatPacketFragment, isPacketLink, parsePacketLink } from "../../core/values/packet-link.ts";
import { isRequestLink } from "../../core/values/payment-request.ts";

/** What a code or a pasted text is for us. */
export type Scanned =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "request"; readonly link: string }
  | { readonly kind: "receipt"; readonly text: string }
  /** What stands behind `/r#`: a secret, for our own page alone, whoever's page the link names. */
  | { readonly kind: "packet"; readonly fragment: string }
  | { readonly kind: "other_network" }
  /** `text` is a stranger's: bounded, and never a link to follow. */
  | { readonly kind: "unknown"; readonly text: string };

/** Longer than anything of ours. */
const TEXT_LENGTH_MAX = 4_096;
const SHOWN_LENGTH_MAX = 80;
const RECEIPT = /(?:^|\/c#)(?:stg|tstg|dstg)proof1[02-9ac-hj-np-z]+$/;

/** Says what a text is. Nothing is opened or asked for it. */
export function readScanned(text: string, network: NetworkName | undefined): Scanned {
  const unknown = { kind: "unknown", text: Array.from(text.trim()).slice(0, SHOWN_LENGTH_MAX).join("") } as const;
  if (text.length > TEXT_LENGTH_MAX) return unknown;
  if (isRequestLink(text)) return { kind: "request", link: text };
  const packet = isPacketLink(text) ? parsePacketLink(text) : undefined;
  if (packet?.ok === true) {
    const { link } = packet;
    if (network !== undefined && networkOfChainId(link.chainId) !== network) return { kind: "other_network" };
    return { kind: "packet", fragment: formatPacketFragment(link) };
  }
  const bare = text.replace(/\s/g, "");
  if (RECEIPT.test(bare)) return { kind: "receipt", text: bare };
  const names = Object.keys(ADDRESS_PREFIX) as readonly NetworkName[];
  const found = names.find((name) => parseAddress(bare, name).ok);
  if (found === undefined) return unknown;
  return network === undefined || found === network ? { kind: "address", address: bare } : { kind: "other_network" };
}
