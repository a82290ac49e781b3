// Prints the fingerprint of a built app, as the app shows it under About. `node tools/node.mjs tools/fingerprint.ts [FOLDER]`
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileList, fingerprintOf } from "./file-list.ts";
import { ROOT } from "./run-command.ts";

const folder = process.argv[2] ?? join(ROOT, "dist/app");
if (existsSync(join(folder, "index.html"))) {
  console.log(fingerprintOf(fileList(folder)));
} else {
  console.error(`no build in ${folder}: run \`npm run build\` first`);
  process.exitCode = 1;
}
