import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import type { Writer } from "../../core/bytes/writer.ts";
import { writeOutputCore, readOutputCore, type OutputCore } from "../../core/chain/output.ts";
import { PAYLOAD_SIZE } from "../../core/params/limits.ts";
import { readFlag } from "./certified-header.ts";

/** A core with the payload, if the server still has it. Only coins carry one (2.1). */
export interface ServedOutput {
  readonly core: OutputCore;
  /** 512 bytes; the reader checks it against payloadHash. */
  readonly payload: Uint8Array | undefined;
}

/** Writes `has1 [payload512]`. */
export function writePayload(writer: Writer, payload: Uint8Array | undefined): void {
  writer.u8(payload === undefined ? 0 : 1);
  if (payload !== undefined) writer.fixed(payload, PAYLOAD_SIZE);
}

export function readPayload(reader: Reader, core: OutputCore): Uint8Array | undefined {
  if (!readFlag(reader)) return undefined;
  if (core.type !== "coin") throw new DecodeError(`payload of a ${core.type} output`);
  return reader.bytes(PAYLOAD_SIZE);
}

/** Writes `core has1 [payload512]`. */
export function writeServedOutput(writer: Writer, output: ServedOutput): void {
  writeOutputCore(writer, output.core);
  writePayload(writer, output.payload);
}

export function readServedOutput(reader: Reader): ServedOutput {
  const core = readOutputCore(reader);
  return { core, payload: readPayload(reader, core) };
}
