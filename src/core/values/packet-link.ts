import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { leafIndex, type LeafIndex } from "./height.ts";
import {
  formatLinkText,
  linkFragments,
  mentionsLink,
  openLinkBody,
  parseLinkText,
  sealLinkBody,
} from "./link-bytes.ts";
import { networkOfChainId } from "./network.ts";

/** gift: one coin for whoever takes it first · packet: shares of a red packet (9.1). */
export type PacketLinkKind = "gift" | "packet";

/** What a red packet's link carries (9.4): where it stands, and the secret that opens it. No amount, no greeting. */
export interface PacketLink {
  readonly kind: PacketLinkKind;
  /** A password is asked for as well (RP-4); a gift has none. */
  readonly hasPassword: boolean;
  readonly chainId: number;
  /** Of the packet, or of the coin that is the gift. */
  readonly leaf: LeafIndex;
  /** L, 16 bytes: whoever has it can claim. It is in no request, log or error. */
  readonly linkSecret: Uint8Array;
}

/** L. */
export const LINK_SECRET_SIZE = 16;
/** Bytes of a link, and its characters behind the `#`. */
export const PACKET_LINK_SIZE = 31;
export const PACKET_FRAGMENT_LENGTH = 42;
/** Characters of a whole link (RP-9), and so more than any layout to come has behind its `#`. */
export const PACKET_LINK_LENGTH_MAX = 255;
/** Path of the claim page, with the sign behind which the secret stands: browsers send nothing of that anywhere. */
export const PACKET_PATH = "/r#";

const VERSION = 1;
const TAG = "stg/link";
const KINDS: readonly PacketLinkKind[] = ["gift", "packet"];
/** Bit 3 of the kind byte. */
const FLAG_PASSWORD = 8;

/** The 31 bytes of 9.4. Throws RangeError for what is no link: making one is ours alone. */
export function encodePacketLink(link: PacketLink): Uint8Array {
  const { kind, hasPassword, chainId, leaf, linkSecret } = link;
  const writer = new Writer(PACKET_LINK_SIZE).u8(VERSION).u8(KINDS.indexOf(kind) + (hasPassword ? FLAG_PASSWORD : 0));
  const bytes = sealLinkBody(TAG, writer.u32(chainId).u40(leaf).fixed(linkSecret, LINK_SECRET_SIZE).finish());
  // Nobody is given what a reader would refuse.
  const read = tryDecode(decodePacketLink, bytes);
  if (!read.ok) throw new RangeError(read.reason);
  return bytes;
}

/** The inverse of {@link encodePacketLink}; throws DecodeError for every other bytes. */
export function decodePacketLink(bytes: Uint8Array): PacketLink {
  if (bytes.length !== PACKET_LINK_SIZE) throw new DecodeError(`link of ${bytes.length} bytes`);
  const reader = new Reader(openLinkBody(TAG, bytes, 1));
  const version = reader.u8();
  if (version !== VERSION) throw new DecodeError(`link version ${version}`);
  const flags = reader.u8();
  const kind = KINDS[flags & ~FLAG_PASSWORD];
  const hasPassword = (flags & FLAG_PASSWORD) !== 0;
  if (kind === undefined || (kind === "gift" && hasPassword)) throw new DecodeError(`link kind ${flags}`);
  const chainId = reader.u32();
  if (networkOfChainId(chainId) === undefined) throw new DecodeError(`chain ${chainId}`);
  const link = {
    kind,
    hasPassword,
    chainId,
    leaf: leafIndex(reader.u40()),
    linkSecret: reader.bytes(LINK_SECRET_SIZE),
  };
  reader.end();
  return link;
}

/** What stands behind `#`. */
export function formatPacketFragment(link: PacketLink): string {
  return formatLinkText(encodePacketLink(link));
}

/** The link to hand on. `origin` is that of the page, without a slash at its end; RangeError where the whole is too long (RP-9). */
export function formatPacketLink(origin: string, link: PacketLink): string {
  const text = origin + PACKET_PATH + formatPacketFragment(link);
  if (text.length > PACKET_LINK_LENGTH_MAX) throw new RangeError(`link of ${text.length} characters`);
  return text;
}

/** Why a text is no link to a red packet that this app can open. */
export type PacketLinkCode =
  | "malformed" // a letter is wrong, or something is missing
  | "too_long"
  | "newer_version" // whole, but of a layout that this app does not know
  | "wrong_network"; // whole, but of another chain than this one

export type PacketLinkResult =
  { readonly ok: true; readonly link: PacketLink } | { readonly ok: false; readonly code: PacketLinkCode };

/** The inverse of {@link formatPacketFragment}. `chainId`: of the network that this app is on; undefined: any will do. */
export function parsePacketFragment(fragment: string, chainId?: number): PacketLinkResult {
  if (fragment.length > PACKET_LINK_LENGTH_MAX) return { ok: false, code: "too_long" };
  const bytes = parseLinkText(fragment);
  const body = bytes && tryDecode((each) => openLinkBody(TAG, each, 1), bytes);
  if (bytes === undefined || body?.ok !== true) return { ok: false, code: "malformed" };
  if (body.value[0]! > VERSION) return { ok: false, code: "newer_version" };
  const decoded = tryDecode(decodePacketLink, bytes);
  if (!decoded.ok) return { ok: false, code: "malformed" };
  if (chainId !== undefined && decoded.value.chainId !== chainId) return { ok: false, code: "wrong_network" };
  return { ok: true, link: decoded.value };
}

/** Whether somebody means a link to a red packet by this text, whole or not. */
export function isPacketLink(text: string): boolean {
  return mentionsLink(text, PACKET_PATH);
}

/** A link amid a message, or in lines as a mail breaks them; whose page it names does not matter. */
export function parsePacketLink(text: string, chainId?: number): PacketLinkResult {
  const [asItIs, joined] = linkFragments(text, PACKET_PATH);
  const within = parsePacketFragment(asItIs, chainId);
  if (within.ok || within.code === "wrong_network") return within;
  const whole = parsePacketFragment(joined, chainId);
  if (whole.ok || whole.code !== "malformed") return whole;
  // Words behind the last line are joined to it as well; a link of our version has this length.
  const cut = parsePacketFragment(joined.slice(0, PACKET_FRAGMENT_LENGTH), chainId);
  return cut.ok || cut.code === "wrong_network" ? cut : whole;
}
