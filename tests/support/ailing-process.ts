import { ClassicLevel } from "classic-level";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import type { Ailments } from "./ailments.ts";

/*
 * Loaded into a validator's process before its own code (`node --import`), by tests alone: its clock and its disk are
 * from then on as a file says, which is read again at SIGUSR2. The program itself knows nothing of it.
 */
const file = process.env["AILMENTS_FILE"];

if (file !== undefined && isMainThread) {
  let ailments = read(file);
  process.on("SIGUSR2", () => (ailments = read(file)));

  // What a clock that is set shows: the steady one of `performance`, and timers that run, do not change with it.
  const realNow = Date.now.bind(Date);
  Date.now = () => realNow() + ailments.clockOffsetMs;

  // Every wait for the disk that the node's own promises rest on, in the database and in the signer file.
  const handle = await open(file);
  await handle.close();
  delay(ClassicLevel.prototype, "batch");
  delay(Object.getPrototypeOf(handle) as object, "datasync");

  function delay(prototype: object, name: string): void {
    const method = Reflect.get(prototype, name) as (...args: unknown[]) => Promise<unknown>;
    const delayed = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      await sleep(ailments.syncDelayMs);
      return await Reflect.apply(method, this, args);
    };
    Reflect.set(prototype, name, delayed);
  }
}

function read(path: string): Ailments {
  return JSON.parse(readFileSync(path, "utf8")) as Ailments;
}
