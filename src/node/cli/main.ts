import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";
import { devnet } from "./devnet.ts";
import { explorer } from "./explorer.ts";
import { genesis } from "./genesis.ts";
import { key } from "./key.ts";
import { node } from "./node.ts";
import { runCommand } from "./run-command.ts";
import { wallet } from "./wallet/wallet.ts";

const ROOT: Command = {
  name: "stegos",
  summary: `Stegos ${VERSION}: private payments and chat. Commands of a node and of those who run one.`,
  commands: [devnet, node, genesis, key, wallet, explorer],
};

// What is said may go to a file on a disk that is full, or to a reader that has gone: saying it is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const exitCode = await runCommand(ROOT, process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
});
// A library may have left a timer or a socket behind; everything of ours is closed by now.
process.exit(exitCode);
