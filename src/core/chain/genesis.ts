import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { GENESIS_OUTPUTS_MAX } from "../params/limits.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { readParams, writeParams } from "../params/params-codec.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import { readOutput, writeOutput, type PublicCore, type StakeCore } from "./output.ts";

/** The agreed beginning: parameters and the first outputs, in clear (GE-1). */
export interface Genesis {
  readonly chainId: number;
  readonly time: TimeMs;
  readonly params: NetworkParams;
  /** Leaves 0..n−1, public or stake only. */
  readonly outputs: readonly (PublicCore | StakeCore)[];
}

const GENESIS_VERSION = 1;

export function encodeGenesis(genesis: Genesis): Uint8Array {
  const writer = new Writer(16 * 1024).u8(GENESIS_VERSION).u32(genesis.chainId).u64(genesis.time);
  writeParams(writer, genesis.params);
  writer.u32(genesis.outputs.length);
  return writer.list(genesis.outputs, (out, core) => writeOutput(out, { core })).finish();
}

export function decodeGenesis(bytes: Uint8Array): Genesis {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== GENESIS_VERSION) throw new DecodeError(`genesis version ${version}`);
    const chainId = reader.u32();
    const time = timeMs(reader.u53());
    const params = readParams(reader);
    const outputs = reader.list(reader.u32(), GENESIS_OUTPUTS_MAX, (from) => {
      const { core } = readOutput(from);
      if (core.type === "coin" || core.type === "packet") throw new DecodeError("private output in a genesis");
      return core;
    });
    return { chainId, time, params, outputs };
  });
}

/** genesis_hash of GE-1: the network's name among nodes and the root of its beacon. */
export function genesisHash(genesis: Genesis): Hash {
  return hash32("stg/genesis", encodeGenesis(genesis));
}
