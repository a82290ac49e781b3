import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { genesisHash } from "../../../../src/core/chain/genesis.ts";
import { MULTIPLIER_MAX, MULTIPLIER_MIN } from "../../../../src/core/state/fee-multiplier.ts";
import {
  NETWORK_ADDRESS_LENGTH_MAX,
  NETWORK_FILE_BYTES_MAX,
  NETWORK_NODE_ADDRESSES_MAX,
  NETWORK_NODES_MAX,
  NETWORK_OPERATOR_LENGTH_MAX,
  parseNetworkFile,
} from "../../../../src/engine/services/network-file.ts";
import { networkFileOf, SMALL_GENESIS } from "../../../support/network-file.ts";

const ADDRESS = "/ip4/127.0.0.1/tcp/4001/ws";
const NODE = { operator: "one", addresses: [ADDRESS] };
const file = networkFileOf(SMALL_GENESIS, [NODE]);
const parse = (change: Readonly<Record<string, unknown>>) => parseNetworkFile(JSON.stringify({ ...file, ...change }));
const refusal = (change: Readonly<Record<string, unknown>>): string => {
  const result = parse(change);
  return result.ok ? "taken" : result.reason;
};

describe("/network.json", () => {
  it("[LC-4] gives network, checkpoint and nodes", () => {
    const result = parseNetworkFile(JSON.stringify(file));
    if (!result.ok) throw new Error(result.reason);
    const { config } = result;
    expect(config).toMatchObject({ network: "dev", chainId: 1000, nodes: [NODE], params: SMALL_GENESIS.params });
    expect(formatHex(config.genesisHash)).toBe(formatHex(genesisHash(SMALL_GENESIS)));
    expect(config.checkpoint).toMatchObject({ height: 0, timeMs: SMALL_GENESIS.time });
    expect(config.feeMultiplier).toBeUndefined();
  });

  it("passes over fields it does not know", () => {
    expect(parse({ later: { deep: [1] }, fee_multiplier: MULTIPLIER_MIN }).ok).toBe(true);
  });

  it.each([
    ["another chain id", { chain_id: 1001 }],
    ["a chain id as text", { chain_id: "1000" }],
    ["another network", { network: "main" }],
    ["an inherited name", { network: "constructor" }],
    ["another hash", { genesis_hash: "00".repeat(32) }],
    ["a short hash", { genesis_hash: "00" }],
    ["upper-case hex", { genesis: "AB" }],
    ["odd hex", { genesis: "abc" }],
    ["a genesis that is none", { genesis: "ff".repeat(400) }],
    ["a genesis with a byte behind it", { genesis: `${String(file["genesis"])}00` }],
    ["no genesis", { genesis: undefined }],
    ["no checkpoint", { checkpoint: null }],
    ["a list for a checkpoint", { checkpoint: [] }],
    ["a negative height", { checkpoint: { height: -1, block_id: "00".repeat(32), time_ms: 0 } }],
    ["a fraction of a height", { checkpoint: { height: 0.5, block_id: "00".repeat(32), time_ms: 0 } }],
    ["a height of 2^53", { checkpoint: { height: 2 ** 53, block_id: "00".repeat(32), time_ms: 0 } }],
    ["a time beyond 2^53", { checkpoint: { height: 0, block_id: "00".repeat(32), time_ms: 1e300 } }],
    ["a block id of 31 bytes", { checkpoint: { height: 0, block_id: "00".repeat(31), time_ms: 0 } }],
    ["no nodes", { nodes: [] }],
    ["nodes by name", { nodes: { 0: NODE, length: 1 } }],
    ["a node that is text", { nodes: ["one"] }],
    ["a node without addresses", { nodes: [{ operator: "one" }] }],
    ["an address that is none", { nodes: [{ operator: "one", addresses: ["127.0.0.1"] }] }],
    ["an address with a space", { nodes: [{ operator: "one", addresses: ["/dns4/a b"] }] }],
    ["an operator that is a number", { nodes: [{ operator: 1, addresses: [] }] }],
    ["a fee multiplier below FE-1's range", { fee_multiplier: MULTIPLIER_MIN - 1 }],
    ["a fee multiplier above FE-1's range", { fee_multiplier: MULTIPLIER_MAX + 1 }],
    ["a fee multiplier as text", { fee_multiplier: "2" }],
  ])("refuses %s", (_name, change) => {
    expect(refusal(change)).not.toBe("taken");
  });

  it("takes every list and text at its limit and refuses one more", () => {
    const nodes = (count: number) => ({ nodes: Array.from({ length: count }, () => NODE) });
    const addresses = (count: number) => ({
      nodes: [{ operator: "", addresses: Array.from({ length: count }, () => ADDRESS) }],
    });
    const address = (length: number) => ({ nodes: [{ operator: "", addresses: [`/${"a".repeat(length - 1)}`] }] });
    const operator = (length: number) => ({ nodes: [{ operator: "o".repeat(length), addresses: [] }] });
    expect(refusal(nodes(NETWORK_NODES_MAX))).toBe("taken");
    expect(refusal(nodes(NETWORK_NODES_MAX + 1))).toBe("nodes");
    expect(refusal(addresses(NETWORK_NODE_ADDRESSES_MAX))).toBe("taken");
    expect(refusal(addresses(NETWORK_NODE_ADDRESSES_MAX + 1))).toBe("addresses");
    expect(refusal(address(NETWORK_ADDRESS_LENGTH_MAX))).toBe("taken");
    expect(refusal(address(NETWORK_ADDRESS_LENGTH_MAX + 1))).toBe("address");
    expect(refusal(operator(NETWORK_OPERATOR_LENGTH_MAX))).toBe("taken");
    expect(refusal(operator(NETWORK_OPERATOR_LENGTH_MAX + 1))).toBe("operator");
    expect(parseNetworkFile(" ".repeat(NETWORK_FILE_BYTES_MAX + 1))).toEqual({ ok: false, reason: "too long" });
  });

  it("answers any text and any JSON with a value", () => {
    const texts = fc.oneof(fc.string(), fc.json(), fc.constantFrom("", "null", "[]", "{", "9", '"x"', "[".repeat(1e5)));
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseNetworkFile(text).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(file)), fc.jsonValue(), (key, value) => {
        expect(typeof parse({ [key]: value }).ok).toBe("boolean");
      }),
    );
  });
});
