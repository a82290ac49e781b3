// Commits made-up blocks into the database named on the command line until it is killed. After each commit it says
// which height is durable.
import { writeSync } from "node:fs";
import { height } from "../../src/core/values/height.ts";
import { openLevelStore } from "../../src/node/storage/level-store.ts";
import { commitOf, logOf } from "./block-commits.ts";

const [directory, from] = process.argv.slice(2);
const store = await openLevelStore(directory!);
for (let at = Number(from); ; at++) {
  const [first, ...rest] = logOf(at);
  const logged = await store.log(height(at));
  if (logged.length === 0) await store.appendLog(height(at), [first!]);
  if (logged.length <= 1) await store.appendLog(height(at), rest);
  await store.commit(commitOf(at));
  writeSync(1, `${at}\n`);
}
