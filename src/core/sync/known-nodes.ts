import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { readParams, writeParams } from "../params/params-codec.ts";
import { validateParams } from "../params/validate-params.ts";
import type { NodeConfig } from "./network-config.ts";

/** A node that another node has told of. */
export interface LearntNode {
  /** All end with its peer's name. */
  readonly addresses: readonly string[];
  /** When this device last found it there and of its chain; 0 for never. */
  readonly metMs: number;
}

/** What a device remembers of its network, to find its way when the page's origin or the nodes named there are gone. */
export interface KnownNodes {
  readonly params: NetworkParams;
  /** The nodes of `/network.json`, as it was read last. */
  readonly listed: readonly NodeConfig[];
  /** None of these is in `listed`. */
  readonly learnt: readonly LearntNode[];
}

/** NW-17. */
export const LEARNT_NODES_MAX = 64;
export const LEARNT_ADDRESSES_MAX = 8;
export const LEARNT_ADDRESS_LENGTH_MAX = 512;
/** Those of `/network.json`, whose reader has the same limits. */
const LISTED_NODES_MAX = 256;
const LISTED_ADDRESSES_MAX = 16;
const TEXT_BYTES_MAX = 2_048;

const VERSION = 1;

/** The peer that an address ends with. */
export function peerOfAddress(address: string): string | undefined {
  return /\/p2p\/([1-9A-HJ-NP-Za-km-z]{1,100})$/.exec(address)?.[1];
}

/** The peers of some addresses: what tells nodes apart. */
export function peersOfAddresses(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(addresses.flatMap((address) => peerOfAddress(address) ?? []));
}

export function encodeKnownNodes({ params, listed, learnt }: KnownNodes): Uint8Array {
  const writer = writeParams(new Writer(1024).u8(VERSION), params);
  writer.u16(listed.length);
  for (const { operator, addresses } of listed) writeTexts(writeText(writer, operator), addresses);
  writer.u16(learnt.length);
  for (const { addresses, metMs } of learnt) writeTexts(writer.u64(metMs), addresses);
  return writer.finish();
}

export function decodeKnownNodes(bytes: Uint8Array): KnownNodes {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    const params = readParams(reader);
    if (!validateParams(params)) throw new DecodeError("parameters of no chain");
    const listed = reader.list(reader.u16(), LISTED_NODES_MAX, () => {
      return { operator: readText(reader), addresses: readTexts(reader, LISTED_ADDRESSES_MAX) };
    });
    const learnt = reader.list(reader.u16(), LEARNT_NODES_MAX, () => {
      return { metMs: reader.u53(), addresses: readTexts(reader, LEARNT_ADDRESSES_MAX) };
    });
    if (learnt.some(({ addresses }) => peersOfAddresses(addresses).size !== 1)) throw new DecodeError("no one peer");
    return { params, listed, learnt };
  });
}

function writeTexts(writer: Writer, texts: readonly string[]): Writer {
  return writer.u8(texts.length).list(texts, writeText);
}

function writeText(writer: Writer, text: string): Writer {
  const bytes = encodeUtf8(text);
  return writer.u16(bytes.length).bytes(bytes);
}

function readTexts(reader: Reader, countMax: number): readonly string[] {
  return reader.list(reader.u8(), countMax, readText);
}

function readText(reader: Reader): string {
  const size = reader.u16();
  if (size > TEXT_BYTES_MAX) throw new DecodeError(`text of ${size} bytes`);
  return decodeUtf8(reader.bytes(size));
}
