/**
 * What page and client worker tell each other about WebRTC: the page has `RTCPeerConnection`, the worker has libp2p.
 * Neither trusts the other's messages further than these shapes and limits.
 */

/** Peer connections of one worker at a time: those of its host and of its submissions, and dials under way. */
export const RTC_CONNECTIONS_MAX = 32;
/** Data channels of one peer connection: one for the handshake, one that carries everything, and room to refuse in. */
export const RTC_CHANNELS_PER_CONNECTION_MAX = 4;
/** Bytes one pumped channel holds for a peer that does not read; libp2p waits at 2 MiB. */
export const RTC_SEND_QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes on their way to a worker that does not take them. */
export const RTC_RECEIVE_QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** One message of a data channel; libp2p's have 16 KiB. */
export const RTC_MESSAGE_BYTES_MAX = 256 * 1024;
export const RTC_SDP_LENGTH_MAX = 16 * 1024;
export const RTC_LABEL_LENGTH_MAX = 256;

const CHANNEL_ID_MAX = 65_534;

export interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

/** The worker numbers its connections and calls, and its own channels evenly; the page numbers the peer's oddly. */
export type WorkerMessage =
  | { readonly type: "open"; readonly connection: number }
  | { readonly type: "create-offer"; readonly connection: number; readonly call: number }
  | {
      readonly type: "describe";
      readonly connection: number;
      readonly call: number;
      readonly side: "local" | "remote";
      readonly description: Description;
    }
  | {
      readonly type: "create-channel";
      readonly connection: number;
      readonly channel: number;
      readonly label: string;
      /** Id both sides agreed on beforehand; undefined for a channel the peer is told of. */
      readonly negotiatedId: number | undefined;
    }
  | { readonly type: "close"; readonly connection: number }
  // The rest is for channels that the browser cannot transfer.
  | { readonly type: "send"; readonly connection: number; readonly channel: number; readonly bytes: ArrayBuffer }
  | { readonly type: "taken"; readonly connection: number; readonly channel: number; readonly size: number }
  | { readonly type: "close-channel"; readonly connection: number; readonly channel: number };

export type PageMessage =
  /** What came of a call: a description for `create-offer` and `describe` local, nothing for `describe` remote. */
  | {
      readonly type: "answered";
      readonly connection: number;
      readonly call: number;
      readonly ok: boolean;
      readonly description: Description | undefined;
    }
  | { readonly type: "state"; readonly connection: number; readonly state: ConnectionState }
  | {
      readonly type: "channel";
      readonly connection: number;
      readonly channel: number;
      readonly label: string;
      readonly id: number | null;
      /** Undefined where the browser cannot transfer it: its bytes then come and go as messages. */
      readonly transferred: RTCDataChannel | undefined;
    }
  | { readonly type: "channel-open"; readonly connection: number; readonly channel: number; readonly id: number | null }
  | { readonly type: "data"; readonly connection: number; readonly channel: number; readonly bytes: ArrayBuffer }
  /** So many bytes of a channel have left the page. */
  | { readonly type: "sent"; readonly connection: number; readonly channel: number; readonly size: number }
  | { readonly type: "channel-closed"; readonly connection: number; readonly channel: number };

const CONNECTION_STATES = ["new", "connecting", "connected", "disconnected", "failed", "closed"] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

type Fields = Readonly<Record<string, unknown>>;

/** A message of the worker, rebuilt from what is known of it; undefined for anything else. */
export function readWorkerMessage(value: unknown): WorkerMessage | undefined {
  const fields = readFields(value);
  const { type, connection, channel, call } = fields;
  if (!isNumber(connection)) return undefined;
  switch (type) {
    case "open":
    case "close":
      return { type, connection };
    case "create-offer":
      return isNumber(call) ? { type, connection, call } : undefined;
    case "describe": {
      const { side } = fields;
      const description = readDescription(fields["description"]);
      if (!isNumber(call) || description === undefined || (side !== "local" && side !== "remote")) return undefined;
      return { type, connection, call, side, description };
    }
    case "create-channel": {
      const { label, negotiatedId } = fields;
      if (!isNumber(channel) || channel % 2 !== 0 || !isText(label, RTC_LABEL_LENGTH_MAX)) return undefined;
      if (negotiatedId !== undefined && !isChannelId(negotiatedId)) return undefined;
      return { type, connection, channel, label, negotiatedId };
    }
    case "send": {
      const { bytes } = fields;
      if (!isNumber(channel) || !isMessage(bytes)) return undefined;
      return { type, connection, channel, bytes };
    }
    case "taken":
      return isNumber(channel) && isNumber(fields["size"])
        ? { type, connection, channel, size: fields["size"] }
        : undefined;
    case "close-channel":
      return isNumber(channel) ? { type, connection, channel } : undefined;
    default:
      return undefined;
  }
}

/** A message of the page, rebuilt from what is known of it; undefined for anything else. */
export function readPageMessage(value: unknown): PageMessage | undefined {
  const fields = readFields(value);
  const { type, connection, channel, call } = fields;
  if (!isNumber(connection)) return undefined;
  switch (type) {
    case "answered": {
      const { ok } = fields;
      const description = readDescription(fields["description"]);
      if (!isNumber(call) || typeof ok !== "boolean") return undefined;
      if (description === undefined && fields["description"] !== undefined) return undefined;
      return { type, connection, call, ok, description };
    }
    case "state": {
      const state = CONNECTION_STATES.find((each) => each === fields["state"]);
      return state === undefined ? undefined : { type, connection, state };
    }
    case "channel": {
      const { label, id, transferred } = fields;
      if (!isNumber(channel) || !isText(label, RTC_LABEL_LENGTH_MAX) || !isIdOrNull(id)) return undefined;
      if (transferred !== undefined && !isDataChannel(transferred)) return undefined;
      return { type, connection, channel, label, id, transferred };
    }
    case "channel-open": {
      const { id } = fields;
      return isNumber(channel) && isIdOrNull(id) ? { type, connection, channel, id } : undefined;
    }
    case "data": {
      const { bytes } = fields;
      return isNumber(channel) && isMessage(bytes) ? { type, connection, channel, bytes } : undefined;
    }
    case "sent":
      return isNumber(channel) && isNumber(fields["size"])
        ? { type, connection, channel, size: fields["size"] }
        : undefined;
    case "channel-closed":
      return isNumber(channel) ? { type, connection, channel } : undefined;
    default:
      return undefined;
  }
}

function readFields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function readDescription(value: unknown): Description | undefined {
  const { type, sdp } = readFields(value);
  if ((type !== "offer" && type !== "answer") || !isText(sdp, RTC_SDP_LENGTH_MAX)) return undefined;
  return { type, sdp };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value.length <= lengthMax;
}

function isChannelId(value: unknown): value is number {
  return isNumber(value) && value <= CHANNEL_ID_MAX;
}

function isIdOrNull(value: unknown): value is number | null {
  return value === null || isChannelId(value);
}

function isMessage(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer && value.byteLength <= RTC_MESSAGE_BYTES_MAX;
}

/** Whether the browser knows data channels in workers is what the transfer has shown. */
function isDataChannel(value: unknown): value is RTCDataChannel {
  return typeof value === "object" && value !== null && "readyState" in value && "bufferedAmount" in value;
}
