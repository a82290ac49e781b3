import type { ReplyId } from "../core/machines/full-node-events.ts";

/** Questions put to the machine that somebody is waiting on, by number. */
export class Replies {
  readonly #waiting = new Map<ReplyId, (answer: unknown) => void>();
  #next: ReplyId = 1;

  /** Calls `ask` with a fresh number and resolves with what {@link settle} is given for it. */
  expect<T>(ask: (reply: ReplyId) => void): Promise<T> {
    const reply = this.#next++;
    return new Promise<T>((resolve) => {
      this.#waiting.set(reply, (answer) => resolve(answer as T));
      ask(reply);
    });
  }

  settle(reply: ReplyId, answer: unknown): void {
    this.#waiting.get(reply)?.(answer);
    this.#waiting.delete(reply);
  }
}
