import type { FrameStream, NetworkPort, PeerId, StreamLimits } from "../../core/ports/network-port.ts";

/** What hears of a host's bytes, and of where its peers were found. */
export interface HostMeter {
  received(size: number): void;
  sent(size: number): void;
  dialled(peer: PeerId, address: string): void;
}

/** The same host, with a meter on its frames. What connections add around them is not counted. */
export function meterHost(host: NetworkPort, meter: HostMeter): NetworkPort {
  return {
    self: host.self,
    addresses: () => host.addresses(),
    async dial(address, timeoutMs) {
      const peer = await host.dial(address, timeoutMs);
      meter.dialled(peer, address);
      return peer;
    },
    hangUp: (peer) => host.hangUp(peer),
    peers: () => host.peers(),
    onPeer: (listener) => host.onPeer(listener),
    async openStream(peer: PeerId, protocol: string, limits: StreamLimits) {
      return meterStream(await host.openStream(peer, protocol, limits), meter);
    },
    serve: (protocol, limits, handler) => {
      return host.serve(protocol, limits, (stream) => handler(meterStream(stream, meter)));
    },
    subscribe: (topic, bytesMax, judge) => host.subscribe(topic, bytesMax, judge),
    publish: (topic, bytes) => host.publish(topic, bytes),
    stop: () => host.stop(),
  };
}

function meterStream(stream: FrameStream, meter: HostMeter): FrameStream {
  return {
    peer: stream.peer,
    closed: stream.closed,
    send(frame) {
      meter.sent(frame.length);
      return stream.send(frame);
    },
    async *frames() {
      for await (const frame of stream.frames()) {
        meter.received(frame.length);
        yield frame;
      }
    },
    close: () => stream.close(),
    abort: (reason) => stream.abort(reason),
  };
}
