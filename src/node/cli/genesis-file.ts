import { readFile } from "node:fs/promises";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { formatHex, parseHex } from "../../core/bytes/hex.ts";
import { decodeGenesis, encodeGenesis, genesisHash, type Genesis } from "../../core/chain/genesis.ts";
import { networkOfChainId } from "../../core/values/network.ts";
import { Refusal } from "../refusal.ts";
import { outputJson } from "../rpc/output-json.ts";
import { createFile, refusalOfFile } from "./write-file.ts";

/** A genesis with outputs of 10,000 stays below it. */
const GENESIS_FILE_BYTES_MAX = 32 * 1024 * 1024;

/** JSON for people; what counts is `binary`, and the rest must say the same (GE-1). */
export function genesisText(genesis: Genesis): string {
  const file = {
    hash: formatHex(genesisHash(genesis)),
    chain_id: genesis.chainId,
    time_ms: genesis.time,
    params: genesis.params,
    outputs: genesis.outputs.map((core) => ({ type: core.type, ...outputJson(core, genesis.chainId) })),
    binary: formatHex(encodeGenesis(genesis)),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

export function writeGenesisFile(path: string, genesis: Genesis): Promise<void> {
  return createFile(path, genesisText(genesis), 0o644);
}

/** Refuses with `bad_genesis` a file that is no genesis or whose readable part tells another story than its bytes. */
export async function readGenesisFile(
  path: string,
): Promise<{ readonly genesis: Genesis; readonly bytes: Uint8Array }> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw refusalOfFile(error, path);
  });
  const bytes = text.length > GENESIS_FILE_BYTES_MAX ? undefined : binaryOf(text);
  const decoded = bytes === undefined ? undefined : tryDecode(decodeGenesis, bytes);
  if (bytes === undefined || decoded?.ok !== true || networkOfChainId(decoded.value.chainId) === undefined) {
    throw new Refusal("bad_genesis", `${path} is no genesis`);
  }
  if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(JSON.parse(genesisText(decoded.value)))) {
    throw new Refusal("bad_genesis", `${path} shows something else than its bytes say`);
  }
  return { genesis: decoded.value, bytes };
}

function binaryOf(text: string): Uint8Array | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || !("binary" in parsed)) return undefined;
  const { binary } = parsed;
  return typeof binary === "string" && binary.length % 2 === 0 && /^[0-9a-f]*$/.test(binary)
    ? parseHex(binary)
    : undefined;
}
