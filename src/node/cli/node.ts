import { networkOfChainId, type NetworkName } from "../../core/values/network.ts";
import { CONNECTIONS_OF_STRANGERS_MAX } from "../../wire/limits.ts";
import { Refusal } from "../refusal.ts";
import { parseCheckpoint } from "./checkpoint-option.ts";
import { UsageError, type Arguments, type OptionSpec } from "./arguments.ts";
import type { CommandLeaf } from "./command.ts";
import { readGenesisFile } from "./genesis-file.ts";
import { readKeyFile } from "./key-file.ts";

const NETWORKS: readonly NetworkName[] = ["dev", "test", "main"];
const LISTEN_DEFAULT = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws", "/ip4/127.0.0.1/udp/0/webrtc-direct"];
const PORT_MAX = 65_535;
const MEBIBYTE = 1024 * 1024;
/** A tebibyte: a number typed wrongly is refused. */
const BLOBS_MIB_MAX = 1024 * 1024;

const CLIENTS_MIN = 16;
const CLIENTS_MAX = 10_000;

/** Also of a local network, for all its nodes. */
export const CLIENTS_OPTION: OptionSpec = {
  name: "clients",
  value: "COUNT",
  help: `connections of strangers, most of them wallets, that a node holds (${CONNECTIONS_OF_STRANGERS_MAX})`,
};

/** `stegos node`: one full node, until it is told to stop. */
export const node: CommandLeaf = {
  name: "node",
  summary: "Runs one full node; with a key it is a validator.",
  options: [
    { name: "network", value: "NAME", help: "dev, test or main" },
    { name: "data", value: "DIR", help: "where its database is, made if missing" },
    { name: "genesis", value: "FILE", help: "the beginning of a dev network" },
    {
      name: "listen",
      value: "ADDRESS",
      isList: true,
      help: "multiaddr to listen on: tcp, ws or webrtc-direct; may be repeated (all three on 127.0.0.1, any port)",
    },
    {
      name: "announce",
      value: "ADDRESS",
      isList: true,
      help: "multiaddr at which others reach this node behind a proxy or port map, told instead of those listened on; may be repeated",
    },
    {
      name: "dial",
      value: "ADDRESS",
      isList: true,
      help: "multiaddr of a node to stay connected with, may be repeated",
    },
    { name: "validator", value: "FILE", help: "key to vote with" },
    { name: "no-unjail", help: "a jailed validator waits for its operator instead of coming back by itself" },
    { name: "rpc", value: "PORT", help: "JSON-RPC, health and metrics on 127.0.0.1; 0 for any free port" },
    {
      name: "checkpoint",
      value: "HEIGHT:BLOCK",
      help: "with an empty database: fetch the newest state instead of all blocks, from peers whose chain has this block at the end of an epoch",
    },
    CLIENTS_OPTION,
    { name: "blobs", value: "MIB", help: "room for pictures and files of others, sealed; 0 keeps none (2048)" },
    { name: "archive", help: "keep everything" },
    { name: "faucet", help: "dev network: give coins at /faucet" },
  ],
  async run(args, output) {
    if (args.has("no-unjail") && !args.has("validator")) throw new UsageError("--no-unjail needs --validator");
    const network = args.choice("network", NETWORKS);
    if (network === undefined) throw new UsageError("--network is needed");
    const directory = args.required("data");
    const port = args.whole("rpc", 0, PORT_MAX);
    if (args.has("faucet") && port === undefined) throw new UsageError("--faucet needs --rpc");
    const genesis = await openGenesis(network, args);
    const keyFile = args.text("validator");
    const validatorSeed = keyFile === undefined ? undefined : await readKeyFile(keyFile);
    const checkpoint = readCheckpoint(args.text("checkpoint"));
    const log = (line: string): void => output.note(`${new Date().toISOString()} ${line}`);
    const listen = args.list("listen");
    const blobs = args.whole("blobs", 0, BLOBS_MIB_MAX);
    const strangersMax = args.whole("clients", CLIENTS_MIN, CLIENTS_MAX);
    // libp2p and the database take a second to load: only now, or every --help would wait for them.
    const { runNode } = await import("./run-node.ts");
    const options = {
      genesis,
      directory,
      listen: listen.length === 0 ? LISTEN_DEFAULT : listen,
      announce: args.list("announce"),
      dial: args.list("dial"),
      validatorSeed,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      unjails: !args.has("no-unjail"),
      ...(strangersMax === undefined ? {} : { strangersMax }),
      ...(blobs === undefined ? {} : { blobQuotaBytes: blobs * MEBIBYTE }),
      isArchive: args.has("archive"),
      log,
    };
    await runNode(options, { port, hasFaucet: args.has("faucet"), isJson: args.has("json"), output });
  },
};

function readCheckpoint(text: string | undefined): ReturnType<typeof parseCheckpoint> {
  if (text === undefined) return undefined;
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) throw new UsageError("--checkpoint is HEIGHT:BLOCK, the block's hash in 64 hex digits");
  return checkpoint;
}

/** GE-4: nobody has decided yet how main and test begin; a dev network says it in a file. */
async function openGenesis(network: NetworkName, args: Arguments): Promise<Uint8Array> {
  if (network !== "dev") {
    throw new Refusal("genesis_undecided", `the ${network} network has not begun: its genesis is not decided yet`);
  }
  const file = args.text("genesis");
  if (file === undefined) throw new UsageError("--genesis is needed on a dev network");
  const { genesis, bytes } = await readGenesisFile(file);
  if (networkOfChainId(genesis.chainId) !== network) {
    throw new Refusal("other_network", `the genesis is not one of the ${network} network`);
  }
  return bytes;
}
