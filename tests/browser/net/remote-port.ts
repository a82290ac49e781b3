import type { Page } from "playwright-core";
import type { FrameStream, NetworkPort, PeerId, StreamLimits } from "../../../src/core/ports/network-port.ts";

declare const call: (name: string, ...args: unknown[]) => Promise<unknown>;
declare const send: (stream: number, text: string) => Promise<void>;
declare const next: (stream: number) => Promise<string | undefined>;
declare const onPeer: (host: number, tell: (peer: string, connected: boolean) => void) => Promise<void>;

type Listener = (event: { readonly peer: PeerId; readonly connected: boolean }) => void;

/** A host that lives in a worker of a browser's tab, as a port of this process. */
export class RemotePort implements NetworkPort {
  readonly self: PeerId;
  readonly #tab: Page;
  readonly #host: number;
  readonly #peers = new Set<PeerId>();
  readonly #listeners = new Set<Listener>();

  private constructor(tab: Page, host: number, self: PeerId) {
    this.#tab = tab;
    this.#host = host;
    this.self = self;
  }

  static async open(tab: Page): Promise<RemotePort> {
    const { host, self } = (await tab.evaluate(() => call("open"))) as { host: number; self: PeerId };
    const port = new RemotePort(tab, host, self);
    const tell = `tell${host}`;
    await tab.exposeFunction(tell, (peer: PeerId, connected: boolean) => port.#tell(peer, connected));
    await tab.evaluate(([at, name]) => onPeer(at, (globalThis as unknown as Record<string, never>)[name]!), [
      host,
      tell,
    ] as const);
    return port;
  }

  #tell(peer: PeerId, connected: boolean): void {
    if (connected) this.#peers.add(peer);
    else this.#peers.delete(peer);
    for (const listener of this.#listeners) listener({ peer, connected });
  }

  async #call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#tab.evaluate(([tool, all]) => call(tool, ...all), [name, [this.#host, ...args]] as const);
    } catch (error) {
      throw asThrown(error);
    }
  }

  addresses(): readonly string[] {
    return [];
  }

  async dial(address: string, timeoutMs: number): Promise<PeerId> {
    const peer = (await this.#call("dial", address, timeoutMs)) as PeerId;
    this.#peers.add(peer);
    return peer;
  }

  async hangUp(peer: PeerId): Promise<void> {
    await this.#call("hangUp", peer);
  }

  peers(): readonly PeerId[] {
    return [...this.#peers];
  }

  onPeer(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async openStream(peer: PeerId, protocol: string, limits: StreamLimits): Promise<FrameStream> {
    return new RemoteStream(this.#tab, peer, (await this.#call("openStream", peer, protocol, limits)) as number);
  }

  serve(): Promise<void> {
    return Promise.reject(new Error("a browser serves nothing here"));
  }

  subscribe(): void {
    throw new Error("a browser is in no gossip mesh");
  }

  publish(): Promise<void> {
    return Promise.reject(new Error("a browser is in no gossip mesh"));
  }

  async stop(): Promise<void> {
    await this.#call("stop");
  }
}

class RemoteStream implements FrameStream {
  readonly peer: PeerId;
  readonly closed: Promise<void>;
  readonly #tab: Page;
  readonly #stream: number;

  constructor(tab: Page, peer: PeerId, stream: number) {
    this.#tab = tab;
    this.peer = peer;
    this.#stream = stream;
    this.closed = this.#call("closed");
    // A tab that is closed before the stream is.
    this.closed.catch(() => undefined);
  }

  async #call(name: string, ...args: readonly unknown[]): Promise<void> {
    await this.#tab.evaluate(([tool, all]) => call(tool, ...all), [name, [this.#stream, ...args]] as const);
  }

  async send(frame: Uint8Array): Promise<void> {
    const text = Buffer.from(frame).toString("base64");
    try {
      await this.#tab.evaluate(([stream, bytes]) => send(stream, bytes), [this.#stream, text] as const);
    } catch (error) {
      throw asThrown(error);
    }
  }

  async *frames(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const text = await this.#tab.evaluate((stream) => next(stream), this.#stream);
      if (text === undefined) return;
      yield new Uint8Array(Buffer.from(text, "base64"));
    }
  }

  async close(): Promise<void> {
    await this.#call("close");
  }

  abort(reason: string): void {
    void this.#call("abort", reason);
  }
}

/** The kind of an error gets lost on its way out of a browser. */
function asThrown(error: unknown): unknown {
  return error instanceof Error && error.message.includes("RangeError") ? new RangeError(error.message) : error;
}
