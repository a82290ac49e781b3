type Handler<E extends Event> = ((event: E) => unknown) | null;

/** The way bytes take out of a channel. */
interface Line {
  readonly bufferedAmount: number;
  send(bytes: ArrayBuffer): void;
  close(): void;
}

/**
 * Stands in for an `RTCDataChannel` in a worker: first without anything behind it, then with the real one, if the page
 * could hand it over, or with messages to the page. Its state follows the events it has delivered.
 */
export class BorrowedChannel extends EventTarget {
  readonly label: string;
  readonly protocol = "";
  id: number | null;
  binaryType = "arraybuffer";
  /** Only zero is known: the event comes when all has left. */
  bufferedAmountLowThreshold = 0;
  readyState: RTCDataChannelState = "connecting";
  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent<ArrayBuffer>> = null;
  onbufferedamountlow: Handler<Event> = null;
  onclose: Handler<Event> = null;
  onerror: Handler<Event> = null;
  #line: Line | undefined;

  constructor(label: string, id: number | null) {
    super();
    this.label = label;
    this.id = id;
  }

  get bufferedAmount(): number {
    return this.#line?.bufferedAmount ?? 0;
  }

  send(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    if (this.readyState !== "open" || this.#line === undefined) throw new DOMException("not open", "InvalidStateError");
    if (data instanceof ArrayBuffer) this.#line.send(data.slice());
    else this.#line.send(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  }

  close(): void {
    if (this.readyState === "closed" || this.readyState === "closing") return;
    this.readyState = "closing";
    this.#line?.close();
  }

  /** What carries the bytes from now on. */
  attach(line: Line): void {
    this.#line = line;
    if (this.readyState === "closing") line.close();
  }

  opened(id: number | null): void {
    if (this.readyState !== "connecting") return;
    this.id = id;
    this.readyState = "open";
    this.#emit("onopen", new Event("open"));
  }

  received(data: ArrayBuffer): void {
    if (this.readyState === "closed") return;
    this.#emit("onmessage", new MessageEvent("message", { data }));
  }

  drained(): void {
    this.#emit("onbufferedamountlow", new Event("bufferedamountlow"));
  }

  closed(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.#emit("onclose", new Event("close"));
  }

  #emit(name: "onopen" | "onmessage" | "onbufferedamountlow" | "onclose", event: Event): void {
    (this[name] as Handler<Event>)?.(event);
    this.dispatchEvent(event);
  }
}

/** Puts a real channel, handed over by the page, behind a stand-in; `deliver` says when its events may pass. */
export function attachTransferred(
  channel: BorrowedChannel,
  real: RTCDataChannel,
  deliver: (event: () => void) => void,
): void {
  real.binaryType = "arraybuffer";
  real.bufferedAmountLowThreshold = 0;
  real.onopen = () => deliver(() => channel.opened(real.id));
  real.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) deliver(() => channel.received(data));
    else real.close();
  };
  real.onbufferedamountlow = () => deliver(() => channel.drained());
  real.onclose = () => deliver(() => channel.closed());
  channel.attach(real);
  if (real.readyState === "open") deliver(() => channel.opened(real.id));
  if (real.readyState === "closed") deliver(() => channel.closed());
}

/** What a pumped channel asks of the page. */
export type PumpMessage = { readonly type: "send"; readonly bytes: ArrayBuffer } | { readonly type: "close-channel" };

/** Carries the bytes of a channel that stayed with the page. */
export class PumpedLine implements Line {
  readonly #post: (message: PumpMessage) => void;
  #waitingBytes = 0;

  constructor(post: (message: PumpMessage) => void) {
    this.#post = post;
  }

  get bufferedAmount(): number {
    return this.#waitingBytes;
  }

  send(bytes: ArrayBuffer): void {
    this.#waitingBytes += bytes.byteLength;
    this.#post({ type: "send", bytes });
  }

  close(): void {
    this.#post({ type: "close-channel" });
  }

  /** True when nothing waits any more. */
  sent(size: number): boolean {
    this.#waitingBytes = Math.max(0, this.#waitingBytes - size);
    return this.#waitingBytes === 0;
  }
}
