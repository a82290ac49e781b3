import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "./cpu-limit.ts";
import { CHROMIUM } from "../../support/chromium.ts";

const START_MS = 20_000;
const POLL_MS = 250;
const WINDOW = "390,844";

interface ProtocolMessage {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Another target of the page, a worker for instance, as the protocol names it. */
export interface AttachedTarget {
  readonly sessionId: string;
  readonly url: string;
}

export interface BrowserOptions {
  /** Further arguments of Chromium's. */
  readonly told?: readonly string[];
  /** How it is run: see {@link CpuLimit.limited}. */
  readonly limited?: (command: Command) => Command;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One page of a Chromium whose network nobody listens to. The library that drives the tests has every frame of every
 * WebSocket copied from the worker to the process that measures, which took a tenth of a whole restore; nobody's browser
 * does that. So this speaks the few words of the DevTools protocol that a measurement needs.
 */
export class UnwatchedBrowser {
  readonly #profile: string;
  readonly #options: BrowserOptions;
  #process: ChildProcess | undefined;
  #port = 0;
  #socket: WebSocket | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, Asked>();
  readonly #onAttached: ((target: AttachedTarget) => void)[] = [];

  private constructor(profile: string, options: BrowserOptions) {
    this.#profile = profile;
    this.#options = options;
  }

  /** A browser with a profile of its own on disk: closing and opening it again is a real restart. */
  static async arrive(options: BrowserOptions = {}): Promise<UnwatchedBrowser> {
    const browser = new UnwatchedBrowser(await mkdtemp(join(tmpdir(), "stegos-unwatched-")), options);
    await browser.open();
    return browser;
  }

  /** Where the DevTools protocol is spoken, until the browser is closed. */
  get port(): number {
    return this.#port;
  }

  /** Opens the profile on an empty page. */
  async open(): Promise<void> {
    const portFile = join(this.#profile, "DevToolsActivePort");
    await rm(portFile, { force: true });
    const args = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${this.#profile}`];
    const { told = [], limited = (command: Command): Command => command } = this.#options;
    const all = [...CHROMIUM.args, ...args, ...told, `--window-size=${WINDOW}`, "about:blank"];
    const [program, ...rest] = limited([CHROMIUM.executablePath, ...all]);
    this.#process = spawn(program, rest, { stdio: "ignore" });
    const deadline = performance.now() + START_MS;
    const port = await untilDefined(
      deadline,
      async () => (await readFile(portFile, "utf8").catch(() => "")).split("\n")[0] || undefined,
    );
    this.#port = Number(port);
    const endpoint = await untilDefined(deadline, () => pageEndpoint(this.#port));
    const socket = new WebSocket(endpoint);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("Chromium takes no connection")));
    });
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data)) as ProtocolMessage));
    socket.addEventListener("close", () => this.#fail(new Error("Chromium has gone")));
    this.#socket = socket;
  }

  /** Runs a function in the page, where it has to stand alone, and gives what it returns. Rejects with what it throws. */
  async evaluate<Result>(work: () => Result): Promise<Awaited<Result>>;
  async evaluate<Argument, Result>(work: (argument: Argument) => Result, argument: Argument): Promise<Awaited<Result>>;
  async evaluate(work: (argument: unknown) => unknown, argument?: unknown): Promise<unknown> {
    const expression = `(${work.toString()})(${argument === undefined ? "" : JSON.stringify(argument)})`;
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", params)) as Evaluated;
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Runs a function at the beginning of every page from the next one on. */
  async atEveryStart(work: () => void): Promise<void> {
    await this.send("Page.enable");
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${work.toString()})()` });
  }

  async goto(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** Waits until the page has such an element. */
  async see(selector: string, timeoutMs = 30_000): Promise<void> {
    await untilDefined(performance.now() + timeoutMs, async () => {
      const isThere = await this.evaluate((wanted) => document.querySelector(wanted) !== null, selector);
      return isThere ? true : undefined;
    });
  }

  async attribute(selector: string, name: string): Promise<string | null> {
    return this.evaluate(([wanted, which]) => document.querySelector(wanted!)!.getAttribute(which!), [selector, name]);
  }

  async tap(testId: string): Promise<void> {
    const selector = `[data-testid="${testId}"]`;
    await this.see(selector);
    await this.evaluate((wanted) => document.querySelector<HTMLElement>(wanted)!.click(), selector);
  }

  async type(testId: string, text: string): Promise<void> {
    const selector = `[data-testid="${testId}"]`;
    await this.see(selector);
    const fill = ([wanted, typed]: readonly string[]): void => {
      const field = document.querySelector<HTMLTextAreaElement>(wanted!)!;
      field.value = typed!;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    await this.evaluate(fill, [selector, text]);
  }

  /** Hears of the page's workers, those that are there and those to come. */
  async onAttached(listener: (target: AttachedTarget) => void): Promise<void> {
    this.#onAttached.push(listener);
    const params = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.send("Target.setAutoAttach", params);
  }

  /** One command of the DevTools protocol, to the page or to a target that was attached. */
  send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#socket!.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  /** Closes the browser, its storage written; the profile stays. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    this.send("Browser.close").catch(() => child.kill());
    await ended;
  }

  async leave(): Promise<void> {
    await this.close();
    await rm(this.#profile, { recursive: true, force: true });
  }

  #receive({ id, method, params, result, error }: ProtocolMessage): void {
    if (method === "Target.attachedToTarget") {
      const { sessionId, targetInfo } = params as { sessionId: string; targetInfo: { url: string } };
      for (const listener of this.#onAttached) listener({ sessionId, url: targetInfo.url });
    }
    const asked = id === undefined ? undefined : this.#waiting.get(id);
    if (asked === undefined) return;
    this.#waiting.delete(id!);
    if (error === undefined) asked.resolve(result);
    else asked.reject(new Error(error.message));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

async function untilDefined<T>(deadline: number, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error("Chromium did not show it in time");
    await sleep(POLL_MS);
  }
}

/** Where the first page is spoken to. */
async function pageEndpoint(port: number): Promise<string | undefined> {
  const targets = (await fetch(`http://127.0.0.1:${port}/json/list`)
    .then((response) => response.json())
    .catch(() => [])) as readonly { readonly type: string; readonly webSocketDebuggerUrl: string }[];
  return targets.find(({ type }) => type === "page")?.webSocketDebuggerUrl;
}
