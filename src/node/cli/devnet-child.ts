import { spawn, type ChildProcess } from "node:child_process";
import { open, readFile, stat, truncate } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Refusal } from "../refusal.ts";
import type { DevnetDirectory, NodePorts } from "./devnet-directory.ts";
import type { ChildMessage } from "./process-life.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const LOG_BYTES_MAX = 16 * 1024 * 1024;
const STOP_TIMEOUT_MS = 5_000;

/** One validator of a devnet: a process with a database, a key and ports of its own. */
export class DevnetChild {
  readonly index: number;
  readonly pid: number;
  readonly rpc: string;
  /** Known once it listens. */
  addresses: readonly string[] = [];
  /** Name of its curve backend, likewise. */
  backend = "";
  /** Settles when the process is gone. */
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #log: string;
  #end: string | undefined;

  private constructor(index: number, child: ChildProcess, pid: number, rpc: string, log: string) {
    this.index = index;
    this.pid = pid;
    this.rpc = rpc;
    this.#process = child;
    this.#log = log;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#end = signal ?? `code ${code}`;
        resolve();
      });
    });
  }

  static async start(
    directory: DevnetDirectory,
    index: number,
    ports: readonly NodePorts[],
    clients?: string,
  ): Promise<DevnetChild> {
    const log = directory.log(index);
    const logged = await stat(log).catch(() => undefined);
    if (logged !== undefined && logged.size > LOG_BYTES_MAX) await truncate(log, 0);
    const file = await open(log, "a", 0o600);
    try {
      const child = spawn(process.execPath, [MAIN, ...nodeArguments(directory, index, ports, clients)], {
        // A group of its own: Ctrl-C in a terminal reaches the parent, which stops the children in order.
        detached: true,
        // When the parent is gone, however it went, the channel closes and the child stops.
        stdio: ["ignore", file.fd, file.fd, "ipc"],
      });
      await new Promise((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      return new DevnetChild(index, child, child.pid!, `http://127.0.0.1:${ports[index]!.rpc}`, log);
    } finally {
      await file.close();
    }
  }

  /** How the process ended; undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Resolves once the node listens; refuses with the node's own code if it ends before. */
  async listening(): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#process.once("message", (message: ChildMessage) => {
        this.addresses = message.addresses;
        this.backend = message.backend;
        resolve();
      });
    });
    await Promise.race([said, this.exited]);
    if (this.#end !== undefined) throw await this.#refusal();
  }

  /** Asks the process to stop, and makes it after a while. */
  async stop(): Promise<void> {
    if (this.#end === undefined) this.#process.kill("SIGTERM");
    const killer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(killer);
  }

  async #refusal(): Promise<Refusal> {
    const text = await readFile(this.#log, "utf8").catch(() => "");
    const [, reason, code] = /: ([^\n]*) \[([a-z_]+)\]\s*$/.exec(text) ?? [];
    if (reason !== undefined && code !== undefined) return new Refusal(code, `validator ${this.index}: ${reason}`);
    return new Refusal("validator_died", `validator ${this.index} ended with ${this.#end}; see ${this.#log}`);
  }
}

function nodeArguments(
  directory: DevnetDirectory,
  index: number,
  ports: readonly NodePorts[],
  clients: string | undefined,
): string[] {
  const { tcp, ws, rtc, rpc } = ports[index]!;
  const others = ports.filter((_, other) => other !== index);
  return [
    "node",
    "--network=dev",
    `--data=${directory.node(index)}`,
    `--genesis=${directory.genesis}`,
    `--validator=${directory.key(index)}`,
    `--listen=/ip4/127.0.0.1/tcp/${tcp}`,
    `--listen=/ip4/127.0.0.1/tcp/${ws}/ws`,
    `--listen=/ip4/127.0.0.1/udp/${rtc}/webrtc-direct`,
    ...others.map((other) => `--dial=/ip4/127.0.0.1/tcp/${other.tcp}`),
    `--rpc=${rpc}`,
    "--archive",
    ...(clients === undefined ? [] : [`--clients=${clients}`]),
    // One wallet, one process: two faucets would spend the same notes.
    ...(index === 0 ? ["--faucet"] : []),
  ];
}
