import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { RestoreAnswerEnd } from "../../core/machines/light-client-restore-answers.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { decoyPermutation, decoyTriple, windowOf } from "../../core/sync/decoy.ts";
import type { Hash } from "../../core/values/hash.ts";
import { height, type Height } from "../../core/values/height.ts";
import type { BucketFrame } from "../../core/wallet/bucket-job.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL, type Protocol } from "../../wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest } from "../../wire/requests/bucket.ts";
import { decodeRangeItem, encodeRangesRequest } from "../../wire/requests/range.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { REQUEST_MS } from "./header-requests.ts";
import { refusalCode, type Answer } from "./network-edges.ts";

type Effect<Type extends string> = Extract<LightClientNetworkEffect, { readonly type: Type }>;
type BucketQuestion = Effect<"request-buckets"> | Effect<"request-newest-buckets">;
type Question = Effect<"request-ranges"> | BucketQuestion;

/** Windows whose permutation is kept: making one takes milliseconds. */
const WINDOWS_MAX = 4;
/** As the height of a request: the state after the newest block. */
const NEWEST = height(0);

/** `range` and `bucket`: what a restore asks. None of it names an output of ours (NW-9). */
export class RestoreRequests {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;
  readonly #answers = new Map<number, Answer>();
  /** Permutations used last, of one secret: hits come by windows, those of neighbouring windows by turns. */
  #permutations: { readonly secret: Hash; readonly ofWindow: Map<number, readonly number[]> } | undefined;

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

  /** NW-7: always the triple, in one request of one form. A worker looks at what comes. */
  async buckets(effect: Effect<"request-buckets">): Promise<void> {
    await this.#triple(effect, effect.at, (answers) => {
      this.#ports.post({ type: "buckets-received", peer: effect.peer, requestId: effect.requestId, answers });
    });
  }

  /** The same of the newest state; blocks have few of them, so what comes is decoded here. */
  async newestBuckets(effect: Effect<"request-newest-buckets">): Promise<void> {
    const { peer, requestId } = effect;
    await this.#triple(effect, NEWEST, (frames) => {
      const answers = frames.map(({ bucket, frame }) => ({ bucket, served: decodeBucketAnswer(frame) }));
      this.#ports.post({ type: "newest-buckets-received", peer, requestId, answers });
    });
  }

  cancel(requestId: number): void {
    this.#answers.get(requestId)?.cancel();
    this.#answers.delete(requestId);
  }

  cancelAll(): void {
    for (const requestId of [...this.#answers.keys()]) this.cancel(requestId);
  }

  async #triple(effect: BucketQuestion, at: Height, whole: (answers: readonly BucketFrame[]) => void): Promise<void> {
    const triple = this.#tripleOf(effect.bucket);
    if (triple === undefined) {
      this.#end(effect, "failed");
      return;
    }
    const request = encodeBucketRequest({ at, withPayloads: true, buckets: triple });
    await this.#ask(effect, PROTOCOL.bucket, request, async (frames) => {
      const answers: BucketFrame[] = [];
      let hasEnded = false;
      try {
        for await (const frame of frames) {
          const bucket = triple[answers.length];
          if (bucket === undefined) throw new DecodeError("longer answer than asked for");
          answers.push({ bucket, frame });
        }
        hasEnded = true;
      } finally {
        // Nobody opens an answer that was cut short: whether it was one at all is asked here.
        if (!hasEnded || answers.length < triple.length) for (const { frame } of answers) decodeBucketAnswer(frame);
      }
      if (answers.length < triple.length) return "failed";
      whole(answers);
      return "done";
    });
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

  #permutationOf(secret: Hash, window: number): readonly number[] {
    if (this.#permutations === undefined || !equalBytes(this.#permutations.secret, secret)) {
      this.#permutations = { secret, ofWindow: new Map() };
    }
    const { ofWindow } = this.#permutations;
    const values = ofWindow.get(window) ?? decoyPermutation(secret, window);
    ofWindow.delete(window);
    ofWindow.set(window, values);
    for (const oldest of ofWindow.keys()) {
      if (ofWindow.size <= WINDOWS_MAX) break;
      ofWindow.delete(oldest);
    }
    return values;
  }

  #tripleOf(bucket: number): readonly number[] | undefined {
    const secret = this.#ports.decoySecret();
    if (secret === undefined) return undefined;
    return decoyTriple(secret, bucket, this.#permutationOf(secret, windowOf(bucket)));
  }
}
