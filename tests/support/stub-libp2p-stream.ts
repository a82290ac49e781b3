import type { Stream } from "@libp2p/interface";

/** As much of a libp2p stream as frames need, driven by the test: what is sent is kept, what arrives is dispatched. */
export class StubLibp2pStream extends EventTarget {
  status = "open";
  readStatus = "readable";
  writeStatus = "writable";
  remoteWriteStatus = "writable";
  readableEnded = false;
  writableNeedsDrain = false;
  readonly sent: Uint8Array[] = [];
  readonly aborts: string[] = [];

  /** Stands in for the real class, whose other members frames never touch. */
  asStream(): Stream {
    return this as unknown as Stream;
  }

  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes.slice());
    return !this.writableNeedsDrain;
  }

  pause(): void {
    this.readStatus = "paused";
  }

  resume(): void {
    this.readStatus = "readable";
  }

  close(): Promise<void> {
    this.writeStatus = "closed";
    return Promise.resolve();
  }

  abort(error: Error): void {
    if (this.status === "aborted") return;
    this.aborts.push(error.message);
    this.status = "aborted";
    this.readStatus = "closed";
    this.writeStatus = "closed";
    this.dispatchEvent(Object.assign(new Event("close"), { error }));
  }

  arrive(...bytes: readonly number[]): void {
    const data = Uint8Array.from(bytes);
    this.dispatchEvent(Object.assign(new Event("message"), { data: { subarray: () => data } }));
  }

  drain(): void {
    this.writableNeedsDrain = false;
    this.dispatchEvent(new Event("drain"));
  }

  finish(): void {
    this.remoteWriteStatus = "closed";
    this.dispatchEvent(new Event("remoteCloseWrite"));
    this.dispatchEvent(new Event("end"));
  }
}
