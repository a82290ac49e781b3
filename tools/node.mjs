// node tools/node.mjs <tool or script> [arguments]
import { launch } from "./launch.mjs";

const [tool, ...args] = process.argv.slice(2);
if (tool === undefined) {
  process.stderr.write("usage: node tools/node.mjs <tool or script> [arguments]\n");
  process.exitCode = 2;
} else {
  launch(tool, args);
}
