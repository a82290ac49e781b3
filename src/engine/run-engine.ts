/**
 * A pure state machine with its effects split in two: writes, which must be on disk before anything else of the same
 * step leaves, and the rest (house rule 9).
 */
export interface Machine<State, Event, Effect> {
  readonly initial: State;
  step(state: State, event: Event): readonly [State, readonly Effect[]];
  isWrite(effect: Effect): boolean;
  /**
   * Events that come in numbers and that nobody waits for singly: those that stand together in the queue are stepped
   * together, their writes are stored in one transaction, and all their other effects follow.
   */
  isBulk?(event: Event): boolean;
}

/** What the loop needs from its edges. */
export interface EnginePorts<Effect> {
  /**
   * Stores all writes of one step, or of a run of bulk events in their order, in one transaction; resolves when they
   * would survive a crash.
   */
  write(effects: readonly Effect[]): Promise<void>;
  /** Starts an effect and returns at once; what comes of it returns as an event through `post`. */
  perform(effect: Effect): void;
  /** The loop has ended by a failed write or a broken invariant; nothing more will be performed. */
  failed(error: unknown): void;
}

export interface Engine<State, Event> {
  /** Queues an event; ignored after the end. */
  post(event: Event): void;
  /** Queues an event and resolves once its step is done, or the engine has ended: whoever waits is never ahead of it. */
  postAndWait(event: Event): Promise<void>;
  /** Queues an event before all others: how a step continues after its own writes. */
  postFirst(event: Event): void;
  /** The state after the last complete step. */
  state(): State;
  /** Finishes the step in progress, drops the queue and ends. */
  stop(): Promise<void>;
}

interface Posted<Event> {
  readonly event: Event;
  readonly done?: () => void;
}

/** Bounds how much a failed write takes along, and how long the first of a run waits. */
const BULK_EVENTS_MAX = 16;

/**
 * Runs a machine: one event, or one run of bulk events, at a time, writes stored before the step's other effects are
 * performed. A crash between any two lines is an ordinary restart, because whatever left was stored before.
 */
export function startEngine<State, Event, Effect>(
  machine: Machine<State, Event, Effect>,
  ports: EnginePorts<Effect>,
): Engine<State, Event> {
  let state = machine.initial;
  const queue: Posted<Event>[] = [];
  let isOver = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const run = queue.splice(0, runLength());
      try {
        let next = state;
        const effects: Effect[] = [];
        for (const { event } of run) {
          const [stepped, own] = machine.step(next, event);
          next = stepped;
          effects.push(...own);
        }
        const writes = effects.filter((effect) => machine.isWrite(effect));
        if (writes.length > 0) await ports.write(writes);
        state = next;
        for (const effect of effects) if (!machine.isWrite(effect)) ports.perform(effect);
      } finally {
        for (const { done } of run) done?.();
      }
    }
  };

  /** How many events at the head of the queue are stepped together. */
  const runLength = (): number => {
    const first = queue.slice(0, BULK_EVENTS_MAX).findIndex(({ event }) => machine.isBulk?.(event) !== true);
    return first < 0 ? Math.min(queue.length, BULK_EVENTS_MAX) : Math.max(1, first);
  };

  const end = (): void => {
    isOver = true;
    for (const { done } of queue.splice(0)) done?.();
  };

  const add = (posted: Posted<Event>): void => {
    if (isOver) {
      posted.done?.();
      return;
    }
    queue.push(posted);
    wake();
  };

  const wake = (): void => {
    running ??= drain()
      .catch((error: unknown) => {
        end();
        ports.failed(error);
      })
      .finally(() => {
        running = undefined;
        if (queue.length > 0 && !isOver) wake();
      });
  };

  return {
    post(event) {
      add({ event });
    },
    postAndWait: (event) => new Promise((resolve) => add({ event, done: resolve })),
    postFirst(event) {
      if (isOver) return;
      queue.unshift({ event });
      wake();
    },
    state: () => state,
    async stop() {
      end();
      await running;
    },
  };
}
