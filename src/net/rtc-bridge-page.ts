import {
  readWorkerMessage,
  RTC_CHANNELS_PER_CONNECTION_MAX,
  RTC_CONNECTIONS_MAX,
  RTC_LABEL_LENGTH_MAX,
  RTC_MESSAGE_BYTES_MAX,
  RTC_RECEIVE_QUEUE_BYTES_MAX,
  RTC_SEND_QUEUE_BYTES_MAX,
  type Description,
  type PageMessage,
  type WorkerMessage,
} from "./rtc-bridge-messages.ts";

export interface RtcBridgeOptions {
  /** Pump bytes even where channels can be transferred: for tests. */
  readonly isPumped?: boolean;
  /** For tests without a browser. */
  readonly createConnection?: () => RTCPeerConnection;
}

export interface RtcBridge {
  /** Ends every connection; the worker is gone. */
  close(): void;
}

/** No servers: addresses of people are looked up nowhere (NW-11). */
const createPeerConnection = (): RTCPeerConnection => new RTCPeerConnection({ iceServers: [] });

/**
 * Lends this page's WebRTC to the worker at the other end of the port. Data channels are handed over as a whole, in the
 * task in which they were made, so that no payload passes through the page's thread; a browser that cannot do that has
 * its bytes pumped. What the worker may choose is what is dialled and what is sent, never how the browser is set up.
 */
export function serveRtcBridge(port: MessagePort, options: RtcBridgeOptions = {}): RtcBridge {
  const connections = new Map<number, LentConnection>();
  const lender = new Lender(port, options.isPumped !== true);
  const create = options.createConnection ?? createPeerConnection;

  const close = (number: number): void => {
    connections.get(number)?.close();
    connections.delete(number);
  };
  port.onmessage = (event: MessageEvent<unknown>) => {
    const message = readWorkerMessage(event.data);
    if (message === undefined) return;
    const { connection } = message;
    const lent = connections.get(connection);
    if (message.type === "close") close(connection);
    else if (message.type !== "open") lent?.receive(message);
    else if (lent === undefined) {
      if (connections.size >= RTC_CONNECTIONS_MAX) lender.post({ type: "state", connection, state: "closed" });
      else connections.set(connection, new LentConnection(connection, create(), lender, () => close(connection)));
    }
  };
  return {
    close() {
      port.onmessage = null;
      for (const number of [...connections.keys()]) close(number);
      port.close();
    },
  };
}

class Lender {
  readonly #port: MessagePort;
  #canTransfer: boolean;

  constructor(port: MessagePort, canTransfer: boolean) {
    this.#port = port;
    this.#canTransfer = canTransfer;
  }

  post(message: PageMessage, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }

  /** False where the browser cannot hand a channel over; nothing has been sent then. */
  handOver(message: PageMessage, channel: RTCDataChannel): boolean {
    if (!this.#canTransfer) return false;
    try {
      this.post({ ...message, transferred: channel } as PageMessage, [channel]);
    } catch {
      this.#canTransfer = false;
    }
    return this.#canTransfer;
  }
}

/** One peer connection of the worker's. */
class LentConnection {
  readonly #number: number;
  readonly #real: RTCPeerConnection;
  readonly #lender: Lender;
  readonly #pumped = new Map<number, PumpedChannel>();
  #channelCount = 0;
  #nextIncoming = 1;

  constructor(number: number, real: RTCPeerConnection, lender: Lender, ended: () => void) {
    this.#number = number;
    this.#real = real;
    this.#lender = lender;
    real.onconnectionstatechange = () => {
      const { connectionState: state } = real;
      lender.post({ type: "state", connection: number, state });
      if (state === "failed" || state === "closed") ended();
    };
    real.ondatachannel = ({ channel }) => {
      this.#lend(channel, this.#nextIncoming);
      this.#nextIncoming += 2;
    };
  }

  receive(message: Exclude<WorkerMessage, { readonly type: "open" | "close" }>): void {
    switch (message.type) {
      case "create-offer":
        return void this.#answer(message.call, () => this.#real.createOffer());
      case "describe":
        return void this.#answer(message.call, () => this.#describe(message.side, message.description));
      case "create-channel": {
        this.#create(message.channel, message.label, message.negotiatedId);
        return;
      }
      case "send":
        return this.#pumped.get(message.channel)?.send(message.bytes);
      case "taken":
        return this.#pumped.get(message.channel)?.taken(message.size);
      case "close-channel":
        return this.#pumped.get(message.channel)?.close();
      default:
        return message satisfies never;
    }
  }

  close(): void {
    this.#real.onconnectionstatechange = null;
    this.#real.ondatachannel = null;
    this.#real.close();
    this.#pumped.clear();
  }

  async #answer(call: number, work: () => Promise<RTCSessionDescriptionInit | null>): Promise<void> {
    const answered = { type: "answered", connection: this.#number, call } as const;
    try {
      this.#lender.post({ ...answered, ok: true, description: descriptionOf(await work()) });
    } catch {
      this.#lender.post({ ...answered, ok: false, description: undefined });
    }
  }

  async #describe(side: "local" | "remote", description: Description): Promise<RTCSessionDescriptionInit | null> {
    if (side === "local") await this.#real.setLocalDescription(description);
    else await this.#real.setRemoteDescription(description);
    return side === "local" ? this.#real.localDescription : null;
  }

  #create(number: number, label: string, negotiatedId: number | undefined): void {
    const agreed = negotiatedId === undefined ? {} : { negotiated: true, id: negotiatedId };
    try {
      this.#lend(this.#real.createDataChannel(label, agreed), number);
    } catch {
      // A connection that has ended, or an id that is taken.
      this.#lender.post({ type: "channel-closed", connection: this.#number, channel: number });
    }
  }

  #lend(channel: RTCDataChannel, number: number): void {
    const connection = this.#number;
    // One that was handed over does not come back: it counts until its connection ends.
    if (this.#channelCount >= RTC_CHANNELS_PER_CONNECTION_MAX || this.#pumped.has(number)) {
      channel.close();
      this.#lender.post({ type: "channel-closed", connection, channel: number });
      return;
    }
    this.#channelCount++;
    const { id } = channel;
    const label = channel.label.slice(0, RTC_LABEL_LENGTH_MAX);
    const message = { type: "channel", connection, channel: number, label, id, transferred: undefined } as const;
    if (this.#lender.handOver(message, channel)) return;
    this.#lender.post(message);
    const ended = (): void => {
      this.#channelCount--;
      this.#pumped.delete(number);
    };
    this.#pumped.set(number, new PumpedChannel({ connection, channel: number }, channel, this.#lender, ended));
  }
}

/** A channel that stays with the page; its bytes are carried to and fro. */
class PumpedChannel {
  readonly #place: { readonly connection: number; readonly channel: number };
  readonly #real: RTCDataChannel;
  readonly #lender: Lender;
  /** Accepted of the worker and not yet said to have left. */
  #sendingBytes = 0;
  /** Given to the worker and not yet taken by it. */
  #receivingBytes = 0;

  constructor(
    place: { readonly connection: number; readonly channel: number },
    real: RTCDataChannel,
    lender: Lender,
    ended: () => void,
  ) {
    this.#place = place;
    this.#real = real;
    this.#lender = lender;
    real.binaryType = "arraybuffer";
    real.bufferedAmountLowThreshold = 0;
    real.onopen = () => lender.post({ type: "channel-open", ...place, id: real.id });
    real.onbufferedamountlow = () => this.#sent();
    real.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    real.onclose = () => {
      ended();
      lender.post({ type: "channel-closed", ...place });
    };
    if (real.readyState === "open") real.onopen(new Event("open"));
  }

  send(bytes: ArrayBuffer): void {
    if (this.#sendingBytes + bytes.byteLength > RTC_SEND_QUEUE_BYTES_MAX) {
      this.close();
      return;
    }
    this.#sendingBytes += bytes.byteLength;
    try {
      this.#real.send(bytes);
    } catch {
      this.close();
      return;
    }
    if (this.#real.bufferedAmount === 0) this.#sent();
  }

  taken(size: number): void {
    this.#receivingBytes = Math.max(0, this.#receivingBytes - size);
  }

  close(): void {
    this.#real.close();
  }

  #sent(): void {
    const size = this.#sendingBytes;
    this.#sendingBytes = 0;
    if (size > 0) this.#lender.post({ type: "sent", ...this.#place, size });
  }

  #receive(data: unknown): void {
    // Text is no message of ours.
    if (!(data instanceof ArrayBuffer) || data.byteLength > RTC_MESSAGE_BYTES_MAX) {
      this.close();
      return;
    }
    this.#receivingBytes += data.byteLength;
    if (this.#receivingBytes > RTC_RECEIVE_QUEUE_BYTES_MAX) {
      this.close();
      return;
    }
    this.#lender.post({ type: "data", ...this.#place, bytes: data }, [data]);
  }
}

function descriptionOf(description: RTCSessionDescriptionInit | null): Description | undefined {
  if (description === null || (description.type !== "offer" && description.type !== "answer")) return undefined;
  return { type: description.type, sdp: description.sdp ?? "" };
}
