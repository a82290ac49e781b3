/**
 * A pure state machine with its effects split in two: writes, which must be on disk before anything else of the same
 * step leaves, and the rest (house rule 9).
 */
export interface Machine<State, Event, Effect> {
  readonly initial: State;
  step(state: State, event: Event): readonly [State, readonly Effect[]];
  isWrite(effect: Effect): boolean;
}

/** What the loop needs from its edges. */
export interface EnginePorts<Effect> {
  /** Stores all writes of one step in one transaction; resolves when they would survive a crash. */
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

/**
 * Runs a machine: one event at a time, writes stored before the step's other effects are performed. A crash between
 * any two lines is an ordinary restart, because whatever left was stored before.
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
    for (let posted = queue.shift(); posted !== undefined; posted = queue.shift()) {
      try {
        const [next, effects] = machine.step(state, posted.event);
        const writes = effects.filter((effect) => machine.isWrite(effect));
        if (writes.length > 0) await ports.write(writes);
        state = next;
        for (const effect of effects) if (!machine.isWrite(effect)) ports.perform(effect);
      } finally {
        posted.done?.();
      }
    }
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
