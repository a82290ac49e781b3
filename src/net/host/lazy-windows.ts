import { StreamState, type YamuxStream } from "@libp2p/yamux/stream";
import { eachMuxer, type MakeMuxer } from "./each-muxer.ts";

/** A quarter of the window that every stream begins with: the rest keeps the other side sending meanwhile. */
const UPDATE_BYTES = 64 * 1024;

/**
 * A muxer that gives room back once it is worth a message. By itself Yamux answers every frame of data with a window
 * update, however small the frame: as many messages again, each encrypted, sent, received and opened.
 */
export function updateWindowsLazily(make: MakeMuxer): MakeMuxer {
  return eachMuxer(make, (muxer) => {
    const [create, arrived] = [muxer.onCreateStream.bind(muxer), muxer.onRemoteStream.bind(muxer)];
    muxer.onCreateStream = () => {
      const stream = create();
      updateLazily(stream);
      return stream;
    };
    muxer.onRemoteStream = (stream) => {
      updateLazily(stream);
      arrived(stream);
    };
  });
}

function updateLazily(stream: YamuxStream): void {
  const [take, update] = [stream.handleData.bind(stream), stream.sendWindowUpdate.bind(stream)];
  const goOn = stream.sendResume.bind(stream);
  /** Bytes taken since room was last given back. */
  let taken = 0;
  stream.handleData = (frame) => {
    taken += frame.header.length;
    take(frame);
  };
  stream.sendWindowUpdate = () => {
    // Only what opens or accepts the stream goes in any case; while it is paused Yamux gives no room, and it stays owed.
    if (stream.state === StreamState.Established || stream.state === StreamState.SYNSent) {
      if (taken < UPDATE_BYTES) return;
      taken = 0;
    }
    update();
  };
  // What waited is handed over first, and whoever takes it may have paused the stream again by then: the library would go
  // on giving room that nobody reads into, until it ends the stream for what it has asked for itself.
  stream.sendResume = () => {
    if (stream.readStatus !== "paused") goOn();
  };
}
