import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandWrap } from "./validator-processes.ts";

/** What is wrong with the machine under one process. */
export interface Ailments {
  /** How far its clock is ahead; negative: behind. */
  readonly clockOffsetMs: number;
  /** How long the disk takes over each synced write, besides what it takes anyway. */
  readonly syncDelayMs: number;
}

export const WELL: Ailments = { clockOffsetMs: 0, syncDelayMs: 0 };

const PRELOADED = fileURLToPath(new URL("./ailing-process.ts", import.meta.url));

/** A machine that a test can make ill under a validator's process while it runs. */
export class AilingMachine {
  readonly #file: string;

  /** In a folder of the test's own. */
  constructor(directory: string) {
    this.#file = join(directory, "ailments.json");
    this.#write(WELL);
  }

  /** How a process is started on it. */
  readonly wrap: CommandWrap = (node, args) => [
    ...["env", `AILMENTS_FILE=${this.#file}`, node, "--import", PRELOADED],
    ...args,
  ];

  /** From now on, for a process that was started so. */
  set(pid: number, change: Partial<Ailments>): void {
    this.#write({ ...WELL, ...change });
    process.kill(pid, "SIGUSR2");
  }

  #write(ailments: Ailments): void {
    writeFileSync(this.#file, JSON.stringify(ailments));
  }
}
