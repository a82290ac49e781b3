import type { Stream } from "@libp2p/interface";

/** Reads on where a stream was paused. */
export function resumeStream(stream: Stream): void {
  if (stream.readStatus !== "paused") return;
  try {
    stream.resume();
  } catch {
    // It tells the peer that there is room again, which throws where the connection is closed already.
  }
}
