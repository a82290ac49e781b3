import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { RestoreAnswerEnd } from "../../core/machines/light-client-restore-answers.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { decoyPermutation, decoyTriple, windowOf } from "../../core/sync/decoy.ts";
import type { ServedBucket } from "../../core/sync/served-bucket.ts";
import type { Hash } from "../../core/values/hash.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL, type Protocol } from "../../wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest } from "../../wire/requests/bucket.ts";
import { decodeRangeItem, encodeRangesRequest } from "../../wire/requests/range.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { REQUEST_MS } from "./header-requests.ts";
import { refusalCode, type Answer } from "./network-edges.ts";

type Effect<Type extends string> = Extract<LightClientNetworkEffect, { readonly type: Type }>;
type Question = Effect<"request-ranges"> | Effect<"request-buckets">;

/** `range` and `bucket`: what a restore asks. None of it names an output of ours (NW-9). */
export class RestoreRequests {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;
  readonly #answers = new Map<number, Answer>();
  /** The permutation used last: hits of one window come one after the other. */
  #permutation: { readonly secret: Hash; readonly window: number; readonly values: readonly number[] } | undefined;

  constructor(ports: ClientNetworkPorts, host: ClientHost) {
    this.#ports = ports;
    this.#host = host;
  }

  async ranges(effect: Effect<"request-ranges">): Promise<void> {
    const { peer, requestId, boundary, ranges } = effect;
    await this.#ask(effect, PROTOCOL.range, encodeRangesRequest({ boundary, ranges }), async (frames) => {
      let count = 0;
      for await (const frame of frames) {
        const range = ranges[count++];
        if (range === undefined) throw new DecodeError("longer answer than asked for");
        this.#ports.post({ type: "range-received", peer, requestId, range, answer: decodeRangeItem(frame) });
        await this.#ports.room();
      }
      return "done";
    });
  }

  /** NW-7: always the triple, in one request of one form. */
  async buckets(effect: Effect<"request-buckets">): Promise<void> {
    const { peer, requestId, at, bucket } = effect;
    const triple = this.#tripleOf(bucket);
    if (triple === undefined) {
      this.#end(effect, "failed");
      return;
    }
    const frame = encodeBucketRequest({ at, withPayloads: true, buckets: triple });
    await this.#ask(effect, PROTOCOL.bucket, frame, async (frames) => {
      const answers: { readonly bucket: number; readonly served: ServedBucket }[] = [];
      for await (const item of frames) {
        const id = triple[answers.length];
        if (id === undefined) throw new DecodeError("longer answer than asked for");
        answers.push({ bucket: id, served: decodeBucketAnswer(item) });
      }
      if (answers.length < triple.length) return "failed";
      this.#ports.post({ type: "buckets-received", peer, requestId, answers });
      return "done";
    });
  }

  cancel(requestId: number): void {
    this.#answers.get(requestId)?.cancel();
    this.#answers.delete(requestId);
  }

  cancelAll(): void {
    for (const requestId of [...this.#answers.keys()]) this.cancel(requestId);
  }

  async #ask(
    effect: Question,
    protocol: Protocol,
    frame: Uint8Array,
    read: (frames: AsyncIterable<Uint8Array>) => Promise<RestoreAnswerEnd>,
  ): Promise<void> {
    const { peer, requestId } = effect;
    const work = async (host: NetworkPort): Promise<void> => {
      const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
      const answer = this.#ports.requests.many(host, peer, protocol, frame, wait);
      this.#answers.set(requestId, answer);
      try {
        this.#end(effect, await read(answer.frames));
      } finally {
        answer.cancel();
        this.#answers.delete(requestId);
      }
    };
    await this.#host.asked(peer, work, (error) => {
      this.#end(effect, refusalCode(error) === ERROR_CODE.unavailable ? "unavailable" : "failed");
    });
  }

  #end({ peer, requestId }: Question, end: RestoreAnswerEnd): void {
    this.#ports.post({ type: "restore-answer-ended", peer, requestId, end });
  }

  #tripleOf(bucket: number): readonly number[] | undefined {
    const secret = this.#ports.decoySecret();
    if (secret === undefined) return undefined;
    const window = windowOf(bucket);
    const isKnown = this.#permutation?.window === window && equalBytes(this.#permutation.secret, secret);
    if (!isKnown) this.#permutation = { secret, window, values: decoyPermutation(secret, window) };
    return decoyTriple(secret, bucket, this.#permutation!.values);
  }
}
