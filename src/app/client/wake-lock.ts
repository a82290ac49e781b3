/** Keeps the screen on while somebody scans it; returns what lets it sleep again. Without support nothing happens. */
export function keepAwake(wakeLock: WakeLock | undefined): () => void {
  let isOver = false;
  let lock: WakeLockSentinel | undefined;
  void wakeLock
    ?.request("screen")
    .then((granted) => {
      lock = granted;
      if (isOver) void granted.release();
    })
    .catch(() => undefined);
  return () => {
    isOver = true;
    void lock?.release().catch(() => undefined);
  };
}
