/** The engine of this origin, held by this tab. */
export interface EngineHold {
  /** Resolves once another tab wants the engine, or has taken it from a tab that looked frozen. */
  readonly wanted: Promise<"asked" | "stolen">;
  /** Lets the engine go; only after the last write. */
  release(): void;
}

export interface EngineLockOptions {
  readonly name?: string;
  /** A holder that has not let go after this is taken for frozen. */
  readonly stealAfterMs?: number;
}

const LOCK_NAME = "engine";
const STEAL_AFTER_MS = 2_000;

/** "Hand over": says who came, so that of tabs that come at once only the last one keeps the engine. */
interface Arrival {
  readonly timeMs: number;
  readonly tab: string;
}

/**
 * Takes the engine: the tab that comes last wins, because a link opens a new one. It asks the holder to finish and let
 * go, and takes the lock from one that does not answer. What a frozen tab still believes it may write, the generation
 * number in storage refuses. Browsers without Web Locks have that number alone.
 */
export async function takeEngineLock(options: EngineLockOptions = {}): Promise<EngineHold> {
  const name = options.name ?? LOCK_NAME;
  const locks = (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks;
  const channel = new BroadcastChannel(`stegos ${name}`);
  let want: (how: "asked" | "stolen") => void = () => undefined;
  const wanted = new Promise<"asked" | "stolen">((resolve) => (want = resolve));
  const arrival: Arrival = { timeMs: performance.timeOrigin + performance.now(), tab: crypto.randomUUID() };
  // Also heard while still waiting: somebody came after us, so our own turn is over as soon as it comes.
  channel.addEventListener("message", (event: MessageEvent<Arrival>) => {
    if (isLater(event.data, arrival)) want("asked");
  });
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const hold: EngineHold = {
    wanted,
    release() {
      letGo();
      channel.close();
    },
  };
  if (locks === undefined) {
    channel.postMessage(arrival);
    return hold;
  }
  const request = (requestOptions: LockOptions): Promise<boolean> => {
    return new Promise((resolve, reject) => {
      let isGranted = false;
      const done = locks.request(name, requestOptions, async (lock) => {
        isGranted = lock !== null;
        resolve(isGranted);
        if (isGranted) await held;
      });
      // The promise of a granted lock is rejected when somebody steals it.
      done.catch((error: unknown) => {
        if (isGranted) want("stolen");
        else reject(error instanceof Error ? error : new Error("lock refused"));
      });
    });
  };
  if (await request({ ifAvailable: true })) return hold;
  channel.postMessage(arrival);
  const patience = AbortSignal.timeout(options.stealAfterMs ?? STEAL_AFTER_MS);
  const isGranted = await request({ signal: patience }).catch(() => false);
  if (!isGranted) await request({ steal: true });
  return hold;
}

function isLater(left: Arrival, right: Arrival): boolean {
  return left.timeMs > right.timeMs || (left.timeMs === right.timeMs && left.tab > right.tab);
}
