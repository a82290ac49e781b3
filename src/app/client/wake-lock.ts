/** The part of a document that is needed. */
type SeenPage = Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;

/**
 * Keeps the screen on while somebody scans it; returns what lets it sleep again. Browsers take the lock back as soon as
 * the page is out of sight, so it is asked for again on every return. Without support nothing happens.
 */
export function keepAwake(wakeLock: WakeLock | undefined, page: SeenPage): () => void {
  let isOver = false;
  let lock: WakeLockSentinel | undefined;

  const isHeld = (): boolean => lock?.released === false;

  async function ask(): Promise<void> {
    if (page.visibilityState !== "visible" || isHeld()) return;
    // Refused on a battery that is nearly empty, and while the page goes out of sight.
    const granted = await wakeLock?.request("screen").catch(() => undefined);
    if (isOver || isHeld()) letGo(granted);
    else lock = granted;
  }
  const follow = (): void => void ask();

  follow();
  page.addEventListener("visibilitychange", follow);
  return () => {
    isOver = true;
    page.removeEventListener("visibilitychange", follow);
    letGo(lock);
  };
}

function letGo(lock: WakeLockSentinel | undefined): void {
  lock?.release().catch(() => undefined);
}
