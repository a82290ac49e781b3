/** Two ports that are each other's ends, without a copy in between: what a browser would transfer arrives as it is. */
export class FakePort {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  /** Everything the other end has sent, in order. */
  readonly received: unknown[] = [];
  /** As in a browser that cannot transfer what is asked of it. */
  refusesTransfer = false;
  other: FakePort | undefined;

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    const to = this.other;
    if (to === undefined) return;
    if (to.refusesTransfer && transfer.some((each) => !(each instanceof ArrayBuffer)))
      throw new Error("DataCloneError");
    to.received.push(data);
    to.onmessage?.({ data });
  }

  close(): void {
    if (this.other !== undefined) this.other.other = undefined;
    this.other = undefined;
  }
}

export function linkedPorts(): readonly [FakePort, FakePort] {
  const [left, right] = [new FakePort(), new FakePort()];
  left.other = right;
  right.other = left;
  return [left, right];
}

/** An `RTCDataChannel` that a test moves by hand. */
export class FakeDataChannel {
  readonly label: string;
  readonly id = 0;
  binaryType = "";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readyState = "connecting";
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onbufferedamountlow: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  /** Whether what is sent leaves at once. */
  takes = true;
  sentBytes = 0;
  isClosed = false;

  constructor(label: string) {
    this.label = label;
  }

  send(bytes: ArrayBuffer): void {
    this.sentBytes += bytes.byteLength;
    if (!this.takes) this.bufferedAmount += bytes.byteLength;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.readyState = "closed";
    this.onclose?.({});
  }

  open(): void {
    this.readyState = "open";
    this.onopen?.({});
  }

  arrive(data: unknown): void {
    this.onmessage?.({ data });
  }

  drain(): void {
    this.bufferedAmount = 0;
    this.onbufferedamountlow?.({});
  }
}

/** An `RTCPeerConnection` that a test moves by hand. */
export class FakePeerConnection {
  connectionState = "new";
  localDescription: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  ondatachannel: ((event: { readonly channel: FakeDataChannel }) => void) | null = null;
  readonly channels: FakeDataChannel[] = [];
  isClosed = false;
  /** Every description is one the browser does not like. */
  refuses = false;

  createDataChannel(label: string): FakeDataChannel {
    const channel = new FakeDataChannel(label);
    this.channels.push(channel);
    return channel;
  }

  createOffer(): Promise<unknown> {
    return Promise.resolve({ type: "offer", sdp: "offer" });
  }

  setLocalDescription(description: unknown): Promise<void> {
    if (this.refuses) return Promise.reject(new Error("InvalidAccessError"));
    this.localDescription = description;
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }

  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** A channel that the peer opens. */
  incoming(): FakeDataChannel {
    const channel = new FakeDataChannel("theirs");
    channel.readyState = "open";
    this.ondatachannel?.({ channel });
    return channel;
  }
}
