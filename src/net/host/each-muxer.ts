import type { MessageStream } from "@libp2p/interface";
import type { yamux } from "@libp2p/yamux";

export type MakeMuxer = ReturnType<typeof yamux>;
export type Muxer = ReturnType<ReturnType<MakeMuxer>["createStreamMuxer"]>;

/** A maker of muxers that shows each one, as soon as it is made, together with the connection it runs on. */
export function eachMuxer(make: MakeMuxer, change: (muxer: Muxer, connection: MessageStream) => void): MakeMuxer {
  return () => {
    const factory = make();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection: MessageStream) => {
      const muxer = createStreamMuxer(connection);
      change(muxer, connection);
      return muxer;
    };
    return factory;
  };
}
