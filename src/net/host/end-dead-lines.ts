import type { yamux } from "@libp2p/yamux";
import type { MessageStream } from "@libp2p/interface";

type MakeMuxer = ReturnType<typeof yamux>;
type Muxer = ReturnType<ReturnType<MakeMuxer>["createStreamMuxer"]>;

/** A line that was silent for one whole turn is asked for a sign of life; one that was for two is gone. */
const TURN_MS = 20_000;

/**
 * A muxer that ends a connection of which nothing has come for 40 to 60 s, although it was asked 20 s before. Only who is
 * silent is asked, by the ping of Yamux itself, 12 bytes each way: whoever streams blocks or asks for anything shows that
 * it is there, and a phone's radio sleeps on. The ping of libp2p opens a stream for each question, eight messages in all.
 */
export function endDeadLines(make: MakeMuxer): MakeMuxer {
  return () => {
    const factory = make();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection: MessageStream) => {
      const muxer = createStreamMuxer(connection);
      watchLine(connection, muxer);
      return muxer;
    };
    return factory;
  };
}

function watchLine(connection: MessageStream, muxer: Muxer): void {
  let silentTurns = 0;
  const timer = setInterval(() => {
    silentTurns++;
    if (silentTurns === 2) ask(muxer);
    if (silentTurns === 3) connection.abort(new Error("nothing came any more"));
  }, TURN_MS);
  connection.addEventListener("message", () => (silentTurns = 0));
  connection.addEventListener("close", () => clearInterval(timer));
}

function ask(muxer: Muxer): void {
  // Any answer counts, and none ends the line: what becomes of the question itself says nothing more.
  muxer.ping().catch(() => undefined);
}
