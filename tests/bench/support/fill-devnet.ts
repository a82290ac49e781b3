import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../../../src/core/params/network-params.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { devGenesis } from "../../../src/core/wallet/dev-genesis.ts";
import { DevnetDirectory, openDevnetDirectory } from "../../../src/node/cli/devnet-directory.ts";
import { writeGenesisFile } from "../../../src/node/cli/genesis-file.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import { fillChain, fillSpanMs, type FilledChain, type FillOptions } from "./fill-chain.ts";

/** Thousands of outputs an epoch are what this network expects, or its fees would double every minute of the filling. */
const PARAMS: NetworkParams = { ...NETWORK_PARAMS.dev, targetOutputsPerEpoch: 1_000_000 };

export interface FilledDevnet extends FilledChain {
  /** The genesis as bytes. */
  readonly genesis: Uint8Array;
}

/**
 * Makes the folder of a stopped devnet with many outputs, whose last block is dated to when the filling began;
 * `startDevnet({directory})` goes on with it. The validators begin with the same database. A million outputs take some
 * minutes and 0.4 GB, with payloads 0.5 GB more.
 */
export async function fillDevnet(
  path: string,
  options: FillOptions & { readonly validatorCount?: number; readonly params?: NetworkParams },
): Promise<FilledDevnet> {
  const { validatorCount = 1, params = PARAMS } = options;
  const deps = { curve: await openBackend(buildKernel), bls: createBlstBls() };
  const directory = new DevnetDirectory(path);
  await openDevnetDirectory(directory, { validatorCount, isFast: false });
  const time = timeMs(Date.now() - fillSpanMs(options, params.epochMs));
  const genesis = devGenesis(deps, { time, params, validatorCount });
  await rm(directory.genesis);
  await writeGenesisFile(directory.genesis, genesis);
  const [first, ...others] = Array.from({ length: validatorCount }, (_, index) =>
    join(directory.node(index), "database"),
  );
  await mkdir(directory.node(0), { recursive: true });
  const store = await openLevelStore(first!);
  try {
    const filled = await fillChain(deps, store, genesis, options);
    return { ...filled, genesis: encodeGenesis(genesis) };
  } finally {
    await store.close();
    for (const other of others) await cp(first!, other, { recursive: true });
  }
}
