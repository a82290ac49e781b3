import { attachTransferred, BorrowedChannel, PumpedLine } from "./rtc-bridge-channel.ts";
import {
  readPageMessage,
  type ConnectionState,
  type Description,
  type PageMessage,
  type WorkerMessage,
} from "./rtc-bridge-messages.ts";

type Answered = Extract<PageMessage, { readonly type: "answered" }>;

/** Gives a worker the `RTCPeerConnection` that it lacks; the page serves it at the other end of the port. */
export function installRtcBridge(port: MessagePort, scope: object = globalThis): void {
  const line = new PageLine(port);
  class RTCPeerConnection extends BorrowedConnection {
    /** A browser makes one for each connection by itself; nobody needs to choose it. */
    static generateCertificate(): Promise<object> {
      return Promise.resolve({});
    }

    constructor() {
      super(line);
    }
  }
  Object.defineProperty(scope, "RTCPeerConnection", { value: RTCPeerConnection, configurable: true, writable: true });
}

/** The port, and who of the worker's connections a message is for. */
class PageLine {
  readonly #port: MessagePort;
  readonly #connections = new Map<number, BorrowedConnection>();
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: MessageEvent<unknown>) => {
      const message = readPageMessage(event.data);
      if (message !== undefined) this.#connections.get(message.connection)?.receive(message);
    };
  }

  open(connection: BorrowedConnection): number {
    const number = ++this.#last;
    this.#connections.set(number, connection);
    this.post({ type: "open", connection: number });
    return number;
  }

  forget(number: number): void {
    this.#connections.delete(number);
  }

  post(message: WorkerMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

/** Stands in for an `RTCPeerConnection`, as far as libp2p uses one. */
class BorrowedConnection extends EventTarget {
  onconnectionstatechange: ((event: Event) => unknown) | null = null;
  ondatachannel: ((event: Event) => unknown) | null = null;
  connectionState: ConnectionState = "new";
  localDescription: Description | null = null;
  readonly #line: PageLine;
  readonly #number: number;
  readonly #calls = new Map<number, (answer: Answered | undefined) => void>();
  readonly #channels = new Map<number, BorrowedChannel>();
  readonly #pumps = new Map<number, PumpedLine>();
  /** A transferred channel's events come by another way than ours and may be early: they wait for the connection. */
  #held: (() => void)[] | undefined = [];
  #lastCall = 0;
  #nextChannel = 0;

  constructor(line: PageLine) {
    super();
    this.#line = line;
    this.#number = line.open(this);
  }

  async createOffer(): Promise<Description> {
    const { description } = await this.#call((call) => ({ type: "create-offer", connection: this.#number, call }));
    if (description === undefined) throw new DOMException("no offer", "OperationError");
    return description;
  }

  async setLocalDescription(description: Description): Promise<void> {
    this.localDescription = (await this.#describe("local", description)).description ?? null;
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await this.#describe("remote", description);
  }

  createDataChannel(
    label: string,
    options: { readonly negotiated?: boolean; readonly id?: number } = {},
  ): BorrowedChannel {
    if (this.connectionState === "closed") throw new DOMException("closed", "InvalidStateError");
    const negotiatedId = options.negotiated === true ? options.id : undefined;
    const created = new BorrowedChannel(label, negotiatedId ?? null);
    const channel = this.#nextChannel;
    this.#nextChannel += 2;
    this.#channels.set(channel, created);
    this.#line.post({ type: "create-channel", connection: this.#number, channel, label, negotiatedId });
    return created;
  }

  close(): void {
    if (this.connectionState === "closed") return;
    this.connectionState = "closed";
    this.#line.post({ type: "close", connection: this.#number });
    this.#end();
  }

  receive(message: PageMessage): void {
    switch (message.type) {
      case "answered":
        this.#calls.get(message.call)?.(message);
        return;
      case "state": {
        this.#changeState(message.state);
        return;
      }
      case "channel": {
        this.#takeChannel(message);
        return;
      }
      case "channel-open":
        this.#deliver(() => this.#channels.get(message.channel)?.opened(message.id));
        return;
      case "data":
        this.#deliver(() => this.#receiveData(message.channel, message.bytes));
        return;
      case "sent":
        if (this.#pumps.get(message.channel)?.sent(message.size) === true)
          this.#channels.get(message.channel)?.drained();
        return;
      case "channel-closed":
        this.#deliver(() => this.#closeChannel(message.channel));
        return;
      default:
        return message satisfies never;
    }
  }

  #describe(side: "local" | "remote", { type, sdp }: Description): Promise<Answered> {
    const description = { type, sdp };
    return this.#call((call) => ({ type: "describe", connection: this.#number, call, side, description }));
  }

  async #call(message: (call: number) => WorkerMessage): Promise<Answered> {
    if (this.connectionState === "closed") throw new DOMException("closed", "InvalidStateError");
    const call = ++this.#lastCall;
    const answer = await new Promise<Answered | undefined>((resolve) => {
      this.#calls.set(call, resolve);
      this.#line.post(message(call));
    });
    this.#calls.delete(call);
    if (answer?.ok !== true) throw new DOMException("refused", "OperationError");
    return answer;
  }

  #changeState(state: ConnectionState): void {
    if (this.connectionState === "closed") return;
    this.connectionState = state;
    this.#emit("onconnectionstatechange", new Event("connectionstatechange"));
    if (state === "connected") this.#release();
    if (state === "failed" || state === "closed") this.#end();
  }

  #takeChannel(message: Extract<PageMessage, { readonly type: "channel" }>): void {
    const { channel: number, label, id, transferred } = message;
    const isOurs = number % 2 === 0;
    const channel = isOurs ? this.#channels.get(number) : new BorrowedChannel(label, id);
    if (channel === undefined) return;
    this.#channels.set(number, channel);
    if (transferred === undefined) this.#pump(number, channel);
    else attachTransferred(channel, transferred, (event) => this.#deliver(event));
    if (!isOurs) this.#deliver(() => this.#emit("ondatachannel", Object.assign(new Event("datachannel"), { channel })));
  }

  #pump(channel: number, borrowed: BorrowedChannel): void {
    const place = { connection: this.#number, channel };
    const pump = new PumpedLine((message) => {
      if (message.type === "send") this.#line.post({ ...message, ...place }, [message.bytes]);
      else this.#line.post({ ...message, ...place });
    });
    this.#pumps.set(channel, pump);
    borrowed.attach(pump);
  }

  #receiveData(channel: number, bytes: ArrayBuffer): void {
    const size = bytes.byteLength;
    this.#channels.get(channel)?.received(bytes);
    this.#line.post({ type: "taken", connection: this.#number, channel, size });
  }

  #closeChannel(number: number): void {
    const channel = this.#channels.get(number);
    this.#channels.delete(number);
    this.#pumps.delete(number);
    channel?.closed();
  }

  #deliver(event: () => void): void {
    if (this.#held === undefined) event();
    else this.#held.push(event);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) event();
  }

  #end(): void {
    this.#line.forget(this.#number);
    for (const settle of this.#calls.values()) settle(undefined);
    this.#release();
    for (const number of [...this.#channels.keys()]) this.#closeChannel(number);
  }

  #emit(name: "onconnectionstatechange" | "ondatachannel", event: Event): void {
    this[name]?.(event);
    this.dispatchEvent(event);
  }
}
