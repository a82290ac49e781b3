import { parseHex } from "../../core/bytes/hex.ts";
import { hash, HASH_SIZE, type Hash } from "../../core/values/hash.ts";
import { height, leafIndex, LEAF_INDEX_LIMIT, type Height, type LeafIndex } from "../../core/values/height.ts";
import { invalidParams } from "./rpc-error.ts";

/** Named parameters as they came from JSON: nothing about them is known yet. */
export type Parameters = ReadonlyMap<string, unknown>;

/** Takes an object whose names are all among `allowed`; nothing at all counts as an empty one. */
export function parseParameters(value: unknown, allowed: readonly string[]): Parameters {
  if (value === undefined) return new Map();
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidParams("params must be an object");
  const parameters = new Map(Object.entries(value));
  for (const name of parameters.keys()) {
    if (!allowed.includes(name)) throw invalidParams("unknown parameter");
  }
  return parameters;
}

export function wholeParameter(parameters: Parameters, name: string, limit: number): number {
  const value = parameters.get(name);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value >= limit) {
    throw invalidParams(`${name} must be a whole number from 0`);
  }
  return value;
}

export function heightParameter(parameters: Parameters, name: string): Height {
  return height(wholeParameter(parameters, name, Number.MAX_SAFE_INTEGER));
}

export function leafParameter(parameters: Parameters, name: string): LeafIndex {
  return leafIndex(wholeParameter(parameters, name, LEAF_INDEX_LIMIT));
}

/** Lower-case hex of at most so many bytes. */
export function bytesParameter(parameters: Parameters, name: string, sizeMax: number): Uint8Array {
  const value = parameters.get(name);
  if (typeof value !== "string") throw invalidParams(`${name} must be a string of lower-case hex`);
  if (value.length > 2 * sizeMax) throw invalidParams(`${name} is longer than ${sizeMax} bytes`);
  if (value.length % 2 !== 0 || !/^[0-9a-f]*$/.test(value)) throw invalidParams(`${name} must be lower-case hex`);
  return parseHex(value);
}

export function hashParameter(parameters: Parameters, name: string): Hash {
  const bytes = bytesParameter(parameters, name, HASH_SIZE);
  if (bytes.length !== HASH_SIZE) throw invalidParams(`${name} must be ${HASH_SIZE} bytes of hex`);
  return hash(bytes);
}

/** Text of at most so many UTF-16 units. */
export function textParameter(parameters: Parameters, name: string, sizeMax: number): string {
  const value = parameters.get(name);
  if (typeof value !== "string") throw invalidParams(`${name} must be a string`);
  if (value.length > sizeMax) throw invalidParams(`${name} is longer than ${sizeMax}`);
  return value;
}
