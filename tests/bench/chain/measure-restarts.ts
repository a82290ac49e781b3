import { join } from "node:path";
import { DevnetDirectory } from "../../../src/node/cli/devnet-directory.ts";
import type { Devnet } from "../../support/devnet.ts";
import { readSignerRecords } from "../../support/signer-records.ts";
import type { ValidatorProcesses } from "../../support/validator-processes.ts";

const POLL_MS = 10;
/** Others go on meanwhile: what it missed is part of coming back. */
const DOWN_MS = 2_000;
const PATIENCE_MS = 120_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Kills a validator as a power cut does and starts it again; how long from the start of the process to its first vote,
 * in ms. The vote is taken from its signer file, where it stands before it leaves.
 */
export async function measureRestart(devnet: Devnet, processes: ValidatorProcesses, index: number): Promise<number> {
  const file = join(new DevnetDirectory(devnet.directory).node(index), "signer");
  await processes.kill(index);
  const before = Math.max(0, ...(await readSignerRecords(file)).map(({ height }) => height));
  await sleep(DOWN_MS);
  const begun = performance.now();
  await processes.restart(index);
  for (;;) {
    const records = await readSignerRecords(file);
    if (records.some(({ height }) => height > before)) return Math.round(performance.now() - begun);
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`validator ${index} has not voted again`);
    await sleep(POLL_MS);
  }
}
