import { DEV_VALIDATORS_MAX } from "../../core/chain/dev-seeds.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { genesisHash } from "../../core/chain/genesis.ts";
import { CHAIN_ID_DEV_MIN } from "../../core/values/network.ts";
import type { OptionSpec } from "./arguments.ts";
import type { CommandGroup, CommandLeaf } from "./command.ts";
import { writeGenesisFile } from "./genesis-file.ts";

export const DEV_VALIDATORS_DEFAULT = 4;
const CHAIN_ID_MAX = 2 ** 32 - 1;

export const DEV_GENESIS_OPTIONS: readonly OptionSpec[] = [
  { name: "validators", value: "N", help: `how many, 1 to ${DEV_VALIDATORS_MAX} (${DEV_VALIDATORS_DEFAULT})` },
  { name: "fast", help: "blocks of 1 s and epochs of 20 s, on a chain id of its own" },
];

const devGenesisCommand: CommandLeaf = {
  name: "dev",
  summary: "A development network out of public keys; never for coins of value.",
  options: [
    { name: "out", value: "FILE", help: "the file to make" },
    ...DEV_GENESIS_OPTIONS,
    { name: "chain-id", value: "ID", help: `from ${CHAIN_ID_DEV_MIN}` },
    { name: "time", value: "MS", help: "when it begins, Unix milliseconds (now)" },
  ],
  async run(args, output) {
    const path = args.required("out");
    const { makeDevGenesis } = await import("./make-dev-genesis.ts");
    const made = makeDevGenesis({
      validatorCount: args.whole("validators", 1, DEV_VALIDATORS_MAX) ?? DEV_VALIDATORS_DEFAULT,
      isFast: args.has("fast"),
      chainId: args.whole("chain-id", CHAIN_ID_DEV_MIN, CHAIN_ID_MAX),
      time: args.whole("time", 0, 999_999_999_999_999),
    });
    await writeGenesisFile(path, made);
    const hash = formatHex(genesisHash(made));
    output.out(args.has("json") ? JSON.stringify({ chain_id: made.chainId, genesis_hash: hash }) : hash);
  },
};

/** `stegos genesis …`: makes the first block of a network. */
export const genesis: CommandGroup = {
  name: "genesis",
  summary: "Makes the agreed beginning of a network.",
  commands: [devGenesisCommand],
};
