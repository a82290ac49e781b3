import { startHttpServer } from "../rpc/http-server.ts";
import { sendRefusal } from "../rpc/http-answer.ts";
import { nodeRoutes } from "../rpc/node-routes.ts";
import { networkOfChainId, type NetworkName } from "../../core/values/network.ts";
import { Refusal } from "../refusal.ts";
import type { RunningNode } from "../rpc/node-view.ts";
import { startFullNode } from "../start-full-node.ts";
import { UsageError, type Arguments } from "./arguments.ts";
import type { CommandLeaf, CommandOutput } from "./command.ts";
import { faucetRoute } from "./faucet-route.ts";
import { Faucet } from "./faucet.ts";
import { readGenesisFile } from "./genesis-file.ts";
import { readKeyFile } from "./key-file.ts";
import { tellParent, untilStopped } from "./process-life.ts";

const NETWORKS: readonly NetworkName[] = ["dev", "test", "main"];
const LISTEN_DEFAULT = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"];
const PORT_MAX = 65_535;

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
      help: "multiaddr to listen on, may be repeated (127.0.0.1, any port)",
    },
    {
      name: "dial",
      value: "ADDRESS",
      isList: true,
      help: "multiaddr of a node to stay connected with, may be repeated",
    },
    { name: "validator", value: "FILE", help: "key to vote with" },
    { name: "rpc", value: "PORT", help: "JSON-RPC, health and metrics on 127.0.0.1; 0 for any free port" },
    { name: "archive", help: "keep everything" },
    { name: "faucet", help: "dev network: give coins at /faucet" },
  ],
  async run(args, output) {
    const network = args.choice("network", NETWORKS);
    if (network === undefined) throw new UsageError("--network is needed");
    const directory = args.required("data");
    const port = args.whole("rpc", 0, PORT_MAX);
    if (args.has("faucet") && port === undefined) throw new UsageError("--faucet needs --rpc");
    const genesis = await openGenesis(network, args);
    const keyFile = args.text("validator");
    const validatorSeed = keyFile === undefined ? undefined : await readKeyFile(keyFile);
    const log = (line: string): void => output.note(`${new Date().toISOString()} ${line}`);
    const listen = args.list("listen");
    const running = await startFullNode({
      genesis,
      directory,
      listen: listen.length === 0 ? LISTEN_DEFAULT : listen,
      dial: args.list("dial"),
      validatorSeed,
      isArchive: args.has("archive"),
      log,
    });
    await serve(running, { port, hasFaucet: args.has("faucet"), isJson: args.has("json"), output, log });
  },
};

interface Service {
  readonly port: number | undefined;
  readonly hasFaucet: boolean;
  readonly isJson: boolean;
  readonly output: CommandOutput;
  readonly log: (line: string) => void;
}

/** Answers over HTTP until the process is told to stop or the node fails; stops what it started, in any case. */
async function serve(running: RunningNode, service: Service): Promise<void> {
  const { output, log, port } = service;
  const { view } = running;
  const closers: (() => Promise<void>)[] = [() => running.stop()];
  try {
    const routes = nodeRoutes(view, "node", log);
    if (service.hasFaucet) {
      const faucet = await Faucet.open(view, log);
      closers.unshift(() => faucet.close());
      routes.set("/faucet", faucetRoute(faucet));
    }
    let rpc: string | undefined;
    if (port !== undefined) {
      const server = await startHttpServer({
        host: "127.0.0.1",
        port,
        routes,
        fallback: (_request, response) => sendRefusal(response, 404, "not_found", "no such address"),
        log,
      });
      closers.unshift(() => server.stop());
      rpc = `http://127.0.0.1:${server.port}`;
    }
    const addresses = view.addresses();
    tellParent({ type: "listening", rpc, addresses });
    output.out(
      service.isJson ? JSON.stringify({ ready: true, rpc: rpc ?? null, addresses }) : `ready ${rpc ?? "without rpc"}`,
    );
    const failure = await Promise.race([running.failed, untilStopped()]);
    if (failure !== undefined) throw failure;
    log("stopping");
  } finally {
    for (const close of closers) await close();
  }
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
