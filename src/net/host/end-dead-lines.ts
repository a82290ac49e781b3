import type { MessageStream } from "@libp2p/interface";
import { CONNECTION_WAITING_BYTES_MAX, CONNECTION_WAITING_MESSAGES_MAX } from "../../wire/limits.ts";
import { eachMuxer, type MakeMuxer, type Muxer } from "./each-muxer.ts";

/** A line that was silent for one whole turn is asked for a sign of life; one that was for two is gone. */
const TURN_MS = 20_000;
/** Turns after which a line that has taken nothing meanwhile, although something waits for it, is gone as well. */
const FULL_TURNS_MAX = 3;

/**
 * A muxer that ends a connection of which nothing has come for 40 to 60 s, although it was asked 20 s before, or which
 * takes nothing for as long. Only who is silent is asked, by the ping of Yamux itself, 12 bytes each way: whoever asks for
 * anything shows that it is there. The ping of libp2p opens a stream for each question, eight messages in all.
 */
export function endDeadLines(make: MakeMuxer): MakeMuxer {
  return eachMuxer(make, (muxer, connection) => {
    if (connection.status === "open") watchLine(connection, muxer);
  });
}

function watchLine(connection: MessageStream, muxer: Muxer): void {
  let silentTurns = 0;
  let fullTurns = 0;
  let turnedMs = performance.now();
  const end = (reason: string): void => {
    clearInterval(timer);
    const error = new Error(reason);
    try {
      // It says goodbye first, in case somebody is there after all; where no more can wait to be sent, that throws.
      muxer.abort(error);
    } catch {
      // It ends all the same.
    }
    connection.abort(error);
  };
  const timer = setInterval(() => {
    const isLate = performance.now() - turnedMs > 1.5 * TURN_MS;
    turnedMs = performance.now();
    fullTurns = connection.writableNeedsDrain ? fullTurns + 1 : 0;
    // A device that slept has not read what came meanwhile.
    silentTurns = isLate ? 1 : silentTurns + 1;
    if (silentTurns === 2) ask(muxer);
    if (silentTurns > 2) end("nothing came any more");
    else if (fullTurns > FULL_TURNS_MAX) end("nothing was taken any more");
  }, TURN_MS);
  boundWaiting(connection, muxer);
  connection.addEventListener("message", () => (silentTurns = 0));
  connection.addEventListener("drain", () => (fullTurns = 0));
  connection.addEventListener("close", () => clearInterval(timer));
  // How long an answer takes is what lets the window of a stream grow; behind the muxer's own first steps.
  queueMicrotask(() => ask(muxer));
}

/** What Yamux keeps to itself. */
interface AnsweringMuxer {
  sendPing(pingId: number, flag?: number): void;
}

/** What a peer has us answer must not wait without end for one that does not read. */
function boundWaiting(connection: MessageStream, muxer: Muxer): void {
  // Above this the library ends it by itself.
  connection.maxWriteBufferLength = CONNECTION_WAITING_BYTES_MAX;
  // An answer to a ping that has to wait says nothing any more when it leaves.
  const answering = muxer as unknown as AnsweringMuxer;
  const sendPing = answering.sendPing.bind(muxer);
  answering.sendPing = (pingId, flag) => {
    if (!connection.writableNeedsDrain) sendPing(pingId, flag);
  };
  // Each short message costs many times its bytes while it waits.
  let waiting = 0;
  const send = connection.send.bind(connection);
  connection.send = (data) => {
    if (connection.writableNeedsDrain && ++waiting > CONNECTION_WAITING_MESSAGES_MAX)
      connection.abort(new Error("too much waits"));
    return send(data);
  };
  connection.addEventListener("drain", () => (waiting = 0));
}

function ask(muxer: Muxer): void {
  // Any answer counts, and none ends the line: what becomes of the question itself says nothing more.
  muxer.ping().catch(() => undefined);
}
