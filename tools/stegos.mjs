#!/usr/bin/env node
// The command line: the launcher, then src/node/cli/main.ts.
import { inRepository, launch } from "./launch.mjs";

launch(inRepository("src/node/cli/main.ts"), process.argv.slice(2));
