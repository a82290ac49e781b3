import { createSocket } from "node:dgram";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { devValidatorSeed } from "../../core/chain/dev-seeds.ts";
import { Refusal } from "../refusal.ts";
import { writeGenesisFile } from "./genesis-file.ts";
import { DEV_VALIDATORS_DEFAULT } from "./genesis.ts";
import { writeKeyFile } from "./key-file.ts";
import { replaceFile } from "./write-file.ts";

const SETTINGS_VERSION = 1;
/** What a crash inside `replaceFile` leaves behind. */
const UNFINISHED = /^(settings|devnet)\.json\.\d+\.new$/;
/** What this command makes. */
const MADE = /^(genesis\.json|settings\.json|devnet\.json|devnet-unfinished|lan-certificate\.json|node\d+(\.log)?)$/;

/** Ports of one node on 127.0.0.1. */
export interface NodePorts {
  readonly tcp: number;
  readonly ws: number;
  /** A UDP port. */
  readonly rtc: number;
  readonly rpc: number;
}

/** What a second start must find again. */
export interface DevnetSettings {
  readonly version: typeof SETTINGS_VERSION;
  readonly isFast: boolean;
  readonly ports: readonly NodePorts[];
}

/** Names of the files of a devnet: nothing else in the folder is ever touched. */
export class DevnetDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get genesis(): string {
    return join(this.path, "genesis.json");
  }

  get settings(): string {
    return join(this.path, "settings.json");
  }

  /** What outside tests read: `{http, validators: [{pid, rpc, addresses}]}`. */
  get running(): string {
    return join(this.path, "devnet.json");
  }

  /** There before anything else is made, and gone once all is: a half made folder is known to be ours by it alone. */
  get unfinished(): string {
    return join(this.path, "devnet-unfinished");
  }

  /** Key and certificate of the https server, with `--lan`. */
  get lanCertificate(): string {
    return join(this.path, "lan-certificate.json");
  }

  node(index: number): string {
    return join(this.path, `node${index}`);
  }

  key(index: number): string {
    return join(this.node(index), "validator.json");
  }

  log(index: number): string {
    return join(this.path, `node${index}.log`);
  }

  async remove(): Promise<void> {
    const names = await readdir(this.path).catch(() => []);
    const ours = names.filter((name) => UNFINISHED.test(name) || MADE.test(name));
    // The settings and the mark go last: they are what makes a half removed folder one that can be removed again.
    const isMark = (name: string): boolean => name === "settings.json" || name === "devnet-unfinished";
    ours.sort((left, right) => Number(isMark(left)) - Number(isMark(right)));
    if (ours.length > 0 && !ours.some(isMark)) {
      throw new Refusal("not_a_devnet", `${this.path} was not made by this command`);
    }
    // Other programs call a file so, too.
    if (ours.includes("settings.json")) await readSettingsFile(this.settings);
    for (const name of ours) await rm(join(this.path, name), { recursive: true, force: true });
  }
}

/**
 * Opens the folder of a devnet or makes it: genesis (it begins now), keys, ports. What was made before is kept, so that
 * the same chain goes on; only a port that somebody else has meanwhile is chosen anew.
 */
export async function openDevnetDirectory(
  directory: DevnetDirectory,
  wanted: { readonly validatorCount: number | undefined; readonly isFast: boolean },
): Promise<{ readonly settings: DevnetSettings; readonly isNew: boolean }> {
  await mkdir(directory.path, { recursive: true });
  const found = await readSettings(directory.settings);
  const settings = found ?? {
    version: SETTINGS_VERSION,
    isFast: wanted.isFast,
    ports: Array<NodePorts>(wanted.validatorCount ?? DEV_VALIDATORS_DEFAULT).fill(NO_PORTS),
  };
  if (settings.isFast !== wanted.isFast || settings.ports.length !== (wanted.validatorCount ?? settings.ports.length)) {
    const how = `${settings.ports.length} validators${settings.isFast ? " and --fast" : ""}`;
    throw new Refusal("devnet_differs", `${directory.path} holds a network of ${how}; --reset begins a new one`);
  }
  if (found === undefined) await fill(directory, settings);
  const kept = { ...settings, ports: await choosePorts(settings.ports) };
  // Written after all else: without it the next start begins anew.
  await replaceFile(directory.settings, `${JSON.stringify(kept, null, 2)}\n`);
  await rm(directory.unfinished, { force: true });
  return { settings: kept, isNew: found === undefined };
}

const NO_PORTS: NodePorts = { tcp: 0, ws: 0, rtc: 0, rpc: 0 };

async function fill(directory: DevnetDirectory, settings: DevnetSettings): Promise<void> {
  const names = await readdir(directory.path);
  const found = names.filter((name) => MADE.test(name) || UNFINISHED.test(name));
  if (names.includes("devnet-unfinished")) {
    const rest = found.filter((name) => name !== "devnet-unfinished");
    for (const name of rest) await rm(join(directory.path, name), { recursive: true, force: true });
  } else if (found.length > 0) {
    // A genesis or a node's folder may be somebody's own, with keys that exist nowhere else.
    throw new Refusal(
      "not_a_devnet",
      `${directory.path} holds ${found.join(", ")}, not made by this command; choose another folder or move them away`,
    );
  }
  await replaceFile(directory.unfinished, "");
  const validatorCount = settings.ports.length;
  const { makeDevGenesis } = await import("./make-dev-genesis.ts");
  await writeGenesisFile(directory.genesis, makeDevGenesis({ validatorCount, isFast: settings.isFast }));
  for (let index = 0; index < validatorCount; index++) {
    await mkdir(directory.node(index), { recursive: true });
    await writeKeyFile(directory.key(index), devValidatorSeed(index));
  }
}

async function readSettings(path: string): Promise<DevnetSettings | undefined> {
  const settings = await readSettingsFile(path);
  if (settings === undefined) return undefined;
  if ((settings.version as number) !== SETTINGS_VERSION) {
    throw new Refusal(
      "devnet_newer",
      "the folder was made by another version of this program; --reset begins a new one",
    );
  }
  // A folder of the version before has no port for WebRTC yet.
  return { ...settings, ports: settings.ports.map((ports) => ({ ...NO_PORTS, ...ports })) };
}

/** Undefined where there is none; refuses what no version of this program has written. */
async function readSettingsFile(path: string): Promise<DevnetSettings | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const settings = parseObject(text);
  if (typeof settings?.["version"] !== "number" || !Array.isArray(settings["ports"])) {
    throw new Refusal("not_a_devnet", `${path} was not made by this command; choose another folder`);
  }
  return settings as unknown as DevnetSettings;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps every port that is free and replaces the others. */
async function choosePorts(ports: readonly NodePorts[]): Promise<readonly NodePorts[]> {
  const taken = new Set<number>();
  const choose = async (wanted: number, probe = freePort): Promise<number> => {
    for (;;) {
      const port = (await probe(taken.has(wanted) ? 0 : wanted)) ?? (await probe(0));
      if (port === undefined) throw new Refusal("port_in_use", "no port is free on 127.0.0.1");
      if (taken.has(port)) continue;
      taken.add(port);
      return port;
    }
  };
  const chosen: NodePorts[] = [];
  for (const { tcp, ws, rtc, rpc } of ports) {
    chosen.push({
      tcp: await choose(tcp),
      ws: await choose(ws),
      rtc: await choose(rtc, freeUdpPort),
      rpc: await choose(rpc),
    });
  }
  return chosen;
}

/** The port, or any for 0, if nobody listens on it now. */
function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen(wanted, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function freeUdpPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createSocket("udp4");
    probe.once("error", () => resolve(undefined));
    probe.bind(wanted, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
