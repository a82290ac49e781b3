import { type AddressParseCode, parseAddress } from "../../core/values/address.ts";
import { ADDRESS_PREFIX, type NetworkName } from "../../core/values/network.ts";

/** Characters after `prefix1`: 65 bytes as base32, and the checksum. */
const ADDRESS_BODY_SIZE = 110;

/** What people paste carries line breaks and spaces from mails and chats. */
export function cleanAddress(text: string): string {
  return text.replace(/\s/g, "");
}

/**
 * What is wrong with a typed address. While the person still types, only what no further letter can mend counts.
 * Without a network nothing can be said yet.
 */
export function addressProblem(
  text: string,
  network: NetworkName | undefined,
  isFinished: boolean,
): AddressParseCode | undefined {
  if (text === "") return isFinished ? "empty" : undefined;
  if (network === undefined) return undefined;
  const prefix = `${ADDRESS_PREFIX[network]}1`;
  const isForeign = Object.values(ADDRESS_PREFIX).some(
    (other) => `${other}1` !== prefix && text.startsWith(`${other}1`),
  );
  if (isForeign) return "wrong_network";
  const body = text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
  const mayGrow =
    body === undefined ? prefix.startsWith(text) : body.length < ADDRESS_BODY_SIZE && /^[02-9ac-hj-np-z]*$/.test(body);
  if (mayGrow && !isFinished) return undefined;
  const parsed = parseAddress(text, network);
  return parsed.ok ? undefined : parsed.code;
}
