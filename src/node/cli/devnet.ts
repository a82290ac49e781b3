import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DEV_VALIDATORS_MAX } from "../../core/chain/dev-seeds.ts";
import { Refusal } from "../refusal.ts";
import { startHttpServer, type HttpServer } from "../rpc/http-server.ts";
import { staticFiles } from "../rpc/static-files.ts";
import type { Arguments } from "./arguments.ts";
import { APP_FOLDER, ensureApp } from "./build-app.ts";
import type { CommandLeaf, CommandOutput } from "./command.ts";
import { DevnetChild } from "./devnet-child.ts";
import { DevnetDirectory, openDevnetDirectory } from "./devnet-directory.ts";
import { devnetRoutes, devnetUpgrades } from "./devnet-http.ts";
import { LanDoor, lanAddresses, openLanCertificate } from "./devnet-lan.ts";
import { DEV_GENESIS_OPTIONS } from "./genesis.ts";
import { CLIENTS_OPTION } from "./node.ts";
import { untilStopped } from "./process-life.ts";
import { replaceFile } from "./write-file.ts";

const HOST = "127.0.0.1";
const HTTP_PORT_DEFAULT = 8_080;
const HTTPS_PORT_DEFAULT = 8_443;
const EVERY_ADDRESS = "0.0.0.0";
const PORT_MAX = 65_535;
const DIRECTORY_DEFAULT = ".devnet";
/** A devnet makes a block every two seconds; this is for a machine that is busy with other things. */
const FIRST_BLOCK_TIMEOUT_MS = 120_000;
const POLL_MS = 100;
const ASK_TIMEOUT_MS = 2_000;

/** `stegos devnet`: a network of local validators with the app in front, until Ctrl-C. */
export const devnet: CommandLeaf = {
  name: "devnet",
  summary: "Runs a local network, each validator a process of its own, and serves the app.",
  options: [
    ...DEV_GENESIS_OPTIONS,
    {
      name: "data",
      value: "DIR",
      help: `where it lives (${DIRECTORY_DEFAULT}, with --fast ${DIRECTORY_DEFAULT}/fast)`,
    },
    { name: "http", value: "PORT", help: `where the app is (${HTTP_PORT_DEFAULT}); 0 for any free port` },
    { name: "lan", help: "serve the app to phones on the local network too, over https; prints a code to scan" },
    { name: "https", value: "PORT", help: `where, with --lan (${HTTPS_PORT_DEFAULT}); 0 for any free port` },
    CLIENTS_OPTION,
    { name: "reset", help: "begin a new chain" },
    { name: "build", help: "build the app if it is older than its sources, not only if it is missing" },
  ],
  async run(args, output) {
    const isFast = args.has("fast");
    const path = resolve(args.text("data") ?? (isFast ? join(DIRECTORY_DEFAULT, "fast") : DIRECTORY_DEFAULT));
    const network = new Devnet(new DevnetDirectory(path), output);
    // From here on a signal stops whatever has been started by then.
    const stopped = untilStopped();
    const starting = network.start(args, isFast);
    try {
      await Promise.race([starting, stopped]);
      await stopped;
    } finally {
      await network.stop();
      await starting.catch(() => undefined);
    }
  },
};

class Devnet {
  readonly #directory: DevnetDirectory;
  readonly #output: CommandOutput;
  readonly #children: DevnetChild[] = [];
  #server: HttpServer | undefined;
  #lanServer: HttpServer | undefined;
  #doors: readonly (LanDoor | undefined)[] = [];
  readonly #stopping = new AbortController();
  /** devnet.json is ours, not that of a devnet that runs beside. */
  #hasWritten = false;

  constructor(directory: DevnetDirectory, output: CommandOutput) {
    this.#directory = directory;
    this.#output = output;
  }

  async start(args: Arguments, isFast: boolean): Promise<void> {
    const validatorCount = args.whole("validators", 1, DEV_VALIDATORS_MAX);
    // Binding first finds a port in use, and a running devnet, before anything is built or removed.
    this.#server = await startHttpServer({
      host: HOST,
      port: args.whole("http", 0, PORT_MAX) ?? HTTP_PORT_DEFAULT,
      routes: devnetRoutes(() => this.#children),
      upgrades: devnetUpgrades(() => this.#children),
      fallback: staticFiles(APP_FOLDER),
      log: (line) => this.#output.note(line),
    });
    const http = `http://${HOST}:${this.#server.port}`;
    if (await isRunning(this.#directory))
      throw new Refusal("devnet_running", `a devnet runs in ${this.#directory.path}`);
    await ensureApp(args.has("build") ? "stale" : "missing", this.#stopping.signal, (line) => this.#output.note(line));
    if (args.has("reset")) await this.#directory.remove();
    const { settings } = await openDevnetDirectory(this.#directory, { validatorCount, isFast });
    this.#output.note(`starting ${settings.ports.length} validators in ${this.#directory.path}`);
    for (const index of settings.ports.keys()) {
      if (this.#isStopping) return;
      this.#watch(await DevnetChild.start(this.#directory, index, settings.ports, args.text("clients")));
    }
    await Promise.all(this.#children.map((child) => child.listening()));
    this.#output.note(`all listen, curve ${[...new Set(this.#children.map(({ backend }) => backend))].join(" and ")}`);
    await this.#writeRunning(http);
    await this.#untilFinalBlock();
    const page = await fetch(http);
    if (!page.ok) throw new Refusal("page_missing", "the app does not answer");
    if (args.has("lan")) await this.#openLan(args.whole("https", 0, PORT_MAX) ?? HTTPS_PORT_DEFAULT);
    this.#output.out(args.has("json") ? JSON.stringify({ ready: http }) : `ready ${http}`);
  }

  /** For phones: https, which a page needs to keep keys, with a certificate of this folder that names this machine. */
  async #openLan(port: number): Promise<void> {
    const hosts = lanAddresses();
    const certificate = await openLanCertificate(this.#directory.lanCertificate, hosts, Date.now());
    const lan = { hosts, doors: () => this.#doors };
    this.#lanServer = await startHttpServer({
      host: EVERY_ADDRESS,
      port,
      tls: certificate,
      hosts,
      routes: devnetRoutes(() => this.#children, lan),
      upgrades: devnetUpgrades(() => this.#children, hosts),
      fallback: staticFiles(APP_FOLDER),
      log: (line) => this.#output.note(line),
    });
    const doors: (LanDoor | undefined)[] = [];
    this.#doors = doors;
    for (const child of this.#children) {
      const wanted = port === 0 ? 0 : this.#lanServer.port + 1 + child.index;
      doors.push(await LanDoor.open(child.addresses, certificate, wanted));
    }
    const [first = HOST] = hosts;
    const urls = (hosts.length > 0 ? hosts : [HOST]).map((host) => `https://${host}:${this.#lanServer!.port}`);
    const { encodeQR } = await import("qr");
    this.#output.note(encodeQR(`https://${first}:${this.#lanServer.port}`, "ascii"));
    for (const url of urls) this.#output.note(`on the local network: ${url}`);
    this.#output.note(
      "The browser warns once: this machine signed the certificate itself, and nobody else vouches for it. It is for a " +
        "development network only. Choose to go on; no other page of that browser trusts it.",
    );
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Also when starting failed half-way: stops what there is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const door of this.#doors) door?.stop();
    await this.#lanServer?.stop();
    await this.#server?.stop();
    await Promise.all(this.#children.map((child) => child.stop()));
    if (this.#hasWritten) await rm(this.#directory.running, { force: true });
  }

  /** A validator that dies stays dead: what the others do without it is what a devnet is for. */
  #watch(child: DevnetChild): void {
    this.#children.push(child);
    if (this.#isStopping) void child.stop();
    void child.exited.then(() => {
      if (!this.#isStopping) this.#output.note(`validator ${child.index} (pid ${child.pid}) ended with ${child.end}`);
    });
  }

  async #writeRunning(http: string): Promise<void> {
    const validators = this.#children.map(({ pid, rpc, addresses }) => ({ pid, rpc, addresses }));
    this.#hasWritten = true;
    await replaceFile(this.#directory.running, `${JSON.stringify({ http, validators }, null, 2)}\n`);
  }

  /** Waits for a block made by these processes: a chain that goes on has final blocks from before. */
  async #untilFinalBlock(): Promise<void> {
    const deadline = performance.now() + FIRST_BLOCK_TIMEOUT_MS;
    let before: number | undefined;
    while (performance.now() < deadline && !this.#isStopping) {
      const height = await heightOf(this.#children[0]!);
      before ??= height === undefined || height <= 1 ? 0 : height;
      if (height !== undefined && height > before) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (!this.#isStopping)
      throw new Refusal("no_block", `no block became final; see the logs in ${this.#directory.path}`);
  }
}

/** Height of a node's newest final block; undefined while it does not answer. */
async function heightOf(child: DevnetChild): Promise<number | undefined> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "status" });
  const answer = await ask(`${child.rpc}/rpc`, { method: "POST", body });
  return (answer as { readonly result?: { readonly height?: number } } | undefined)?.result?.height;
}

/** Does any validator of the last start answer? Process ids say nothing after a restart of the machine. */
async function isRunning(directory: DevnetDirectory): Promise<boolean> {
  const text = await readFile(directory.running, "utf8").catch(() => "");
  if (text === "") return false;
  const { validators } = JSON.parse(text) as { readonly validators: readonly { readonly rpc: string }[] };
  const answers = await Promise.all(validators.map(({ rpc }) => ask(`${rpc}/health`, {})));
  return answers.some((answer) => answer !== undefined);
}

async function ask(url: string, request: RequestInit): Promise<unknown> {
  try {
    return await (await fetch(url, { ...request, signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })).json();
  } catch {
    return undefined;
  }
}
