import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { parseHex } from "../../core/bytes/hex.ts";
import { decodeGenesis, genesisHash } from "../../core/chain/genesis.ts";
import type { Checkpoint, NetworkConfig, NodeConfig } from "../../core/sync/network-config.ts";
import { hash, HASH_SIZE } from "../../core/values/hash.ts";
import { height, timeMs } from "../../core/values/height.ts";
import { networkOfChainId } from "../../core/values/network.ts";
import { MULTIPLIER_MAX, MULTIPLIER_MIN } from "../../core/state/fee-multiplier.ts";

/** A genesis of the largest size as hex, and room for the rest. */
export const NETWORK_FILE_BYTES_MAX = 16 * 1024 * 1024;
export const NETWORK_NODES_MAX = 256;
export const NETWORK_NODE_ADDRESSES_MAX = 16;
export const NETWORK_ADDRESS_LENGTH_MAX = 512;
export const NETWORK_OPERATOR_LENGTH_MAX = 128;

/** What a reader learns of a file it refuses: for logs and tests, never for people. */
class ShapeError extends Error {}

/**
 * Reads `/network.json`. It comes from the page's own origin, yet everything is checked: shapes, sizes, and that chain
 * id, network and hash are those of the genesis. Unknown fields are passed over, so that files may grow.
 */
export function parseNetworkFile(
  text: string,
): { readonly ok: true; readonly config: NetworkConfig } | { readonly ok: false; readonly reason: string } {
  if (text.length > NETWORK_FILE_BYTES_MAX) return { ok: false, reason: "too long" };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, reason: "not JSON" };
  }
  try {
    return { ok: true, config: readFile(parsed) };
  } catch (error) {
    if (error instanceof ShapeError) return { ok: false, reason: error.message };
    throw error;
  }
}

const EMPTY = new Uint8Array(0);

type Fields = Readonly<Record<string, unknown>>;

function readFile(value: unknown): NetworkConfig {
  const file = readObject(value, "file");
  const genesisBytes = readBytes(file, "genesis");
  const genesis = tryDecode(decodeGenesis, genesisBytes);
  if (!genesis.ok) throw new ShapeError("genesis");
  const { chainId, params, outputs: genesisOutputs } = genesis.value;
  const network = networkOfChainId(chainId);
  const statedHash = hash(readBytes(file, "genesis_hash", HASH_SIZE));
  if (network === undefined || file["network"] !== network) throw new ShapeError("network");
  if (file["chain_id"] !== chainId) throw new ShapeError("chain_id");
  if (!equalBytes(statedHash, genesisHash(genesis.value))) throw new ShapeError("genesis_hash");
  const nodes = readList(file["nodes"], NETWORK_NODES_MAX, "nodes").map(readNode);
  if (nodes.length === 0) throw new ShapeError("nodes");
  const checkpoint = readCheckpoint(readObject(file["checkpoint"], "checkpoint"));
  const feeMultiplier = readFeeMultiplier(file["fee_multiplier"]);
  const config = { network, chainId, genesisHash: statedHash, params, checkpoint, nodes, genesisOutputs };
  return feeMultiplier === undefined ? config : { ...config, feeMultiplier };
}

function readCheckpoint(fields: Fields): Checkpoint {
  return {
    height: height(readInteger(fields, "height")),
    blockId: hash(readBytes(fields, "block_id", HASH_SIZE)),
    timeMs: timeMs(readInteger(fields, "time_ms")),
  };
}

function readNode(value: unknown): NodeConfig {
  const fields = readObject(value, "node");
  const addresses = readList(fields["addresses"], NETWORK_NODE_ADDRESSES_MAX, "addresses");
  return {
    operator: readText(fields["operator"], NETWORK_OPERATOR_LENGTH_MAX, "operator"),
    addresses: addresses.map((address) => {
      const found = readText(address, NETWORK_ADDRESS_LENGTH_MAX, "address");
      if (!/^(\/[\x21-\x2e\x30-\x7e]+)+$/.test(found)) throw new ShapeError("address");
      return found;
    }),
  };
}

/** Optional; a wrong one within FE-1's range makes payments that nodes refuse, never ones that cost more than shown. */
function readFeeMultiplier(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const isMultiplier = typeof value === "number" && Number.isSafeInteger(value);
  if (!isMultiplier || value < MULTIPLIER_MIN || value > MULTIPLIER_MAX) throw new ShapeError("fee_multiplier");
  return value;
}

function readObject(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(name);
  return value as Fields;
}

function readList(value: unknown, countMax: number, name: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > countMax) throw new ShapeError(name);
  return value;
}

function readText(value: unknown, lengthMax: number, name: string): string {
  if (typeof value !== "string" || value.length > lengthMax) throw new ShapeError(name);
  return value;
}

function readInteger(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new ShapeError(name);
  return value;
}

function readBytes(fields: Fields, name: string, size?: number): Uint8Array {
  const value = fields[name];
  if (typeof value !== "string" || (size !== undefined && value.length !== 2 * size)) throw new ShapeError(name);
  const bytes = tryDecode(() => parseHex(value), EMPTY);
  if (!bytes.ok) throw new ShapeError(name);
  return bytes.value;
}
