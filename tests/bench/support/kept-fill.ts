import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { FORMAT_VERSION } from "../../../src/node/storage/migrate-database.ts";
import type { FillOptions } from "./fill-chain.ts";
import { fillDevnet } from "./fill-devnet.ts";

/** Raised whenever filled chains come out otherwise than before. */
const FILL_VERSION = 1;
/** An older chain is made anew: its last block should not lie further back than clients trust. */
const KEPT_MS = 12 * 60 * 60_000;

/**
 * A fresh copy of a filled devnet's folder, to be deleted by the caller. The original stays in the system's folder for
 * temporary files, so that the minutes of filling are spent once for each format of the database.
 */
export async function copyFilledDevnet(
  options: FillOptions & { readonly say: (line: string) => void },
): Promise<string> {
  const name = nameOf(options);
  const copy = await mkdtemp(join(tmpdir(), "stegos-restore-"));
  await copyKept({ name, copy, say: options.say, make: (making) => fillDevnet(making, options) });
  return copy;
}

/**
 * Copies a folder that takes long to make into `copy`. The original stays in the system's folder for temporary files,
 * under a name that says all that it depends on, and is made where it is not there yet.
 */
export async function copyKept(fill: {
  readonly name: string;
  readonly copy: string;
  readonly make: (folder: string) => Promise<unknown>;
  readonly say: (line: string) => void;
}): Promise<void> {
  const { name, copy, make, say } = fill;
  const kept = join(tmpdir(), "stegos-fills", name);
  if (await isFresh(kept)) {
    say(`${name} is there: ${kept}`);
  } else {
    const begunMs = performance.now();
    await rm(kept, { recursive: true, force: true });
    await mkdir(join(tmpdir(), "stegos-fills"), { recursive: true });
    // Under another name until it is whole: a run that was ended leaves nothing that looks finished.
    const making = await mkdtemp(`${kept}-`);
    try {
      await make(making);
      await rename(making, kept);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error;
    }
    say(`${name} made in ${Math.round((performance.now() - begunMs) / 1000)} s: ${kept}`);
  }
  await cp(kept, copy, { recursive: true });
}

function nameOf(options: FillOptions): string {
  const { liveCount, spentPerLive = 0, hasPayloads = false, seed = 1, payments = [] } = options;
  const { pace, endsInEpoch, provenCoins } = options;
  const isUsual = pace === undefined && endsInEpoch === undefined && provenCoins === undefined;
  const unusual = isUsual ? [] : [JSON.stringify([pace, endsInEpoch, provenCoins])];
  const paid = payments.map(({ to, amount }) => `${formatHex(to.spendKey)} ${formatHex(to.viewKey)} ${amount}`);
  const what = [FILL_VERSION, FORMAT_VERSION, spentPerLive, hasPayloads, seed, ...paid, ...unusual].join("\n");
  return `${liveCount}-${createHash("sha256").update(what).digest("hex").slice(0, 16)}`;
}

async function isFresh(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(join(path, "genesis.json"))).mtimeMs < KEPT_MS;
  } catch {
    return false;
  }
}
