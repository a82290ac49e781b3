import type { ReplyId } from "../core/machines/full-node-events.ts";
import { Refusal } from "./refusal.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Refusal) => void;
}

/** Questions put to the machine that somebody is waiting on, by number. */
export class Replies {
  readonly #waiting = new Map<ReplyId, Waiting>();
  #next: ReplyId = 1;
  #isOver = false;

  /** Calls `ask` with a fresh number and resolves with what {@link settle} is given for it. */
  expect<T>(ask: (reply: ReplyId) => void): Promise<T> {
    if (this.#isOver) return Promise.reject(stopped());
    const reply = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(reply, { resolve: (answer) => resolve(answer as T), reject });
      ask(reply);
    });
  }

  settle(reply: ReplyId, answer: unknown): void {
    this.#waiting.get(reply)?.resolve(answer);
    this.#waiting.delete(reply);
  }

  /** The machine has ended: nobody waits for it any longer. */
  end(): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(stopped());
    this.#waiting.clear();
  }
}

function stopped(): Refusal {
  return new Refusal("node_stopped", "the node has stopped");
}
