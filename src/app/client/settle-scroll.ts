/** What shows that the person has taken over. */
const TAKEN_OVER = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

/**
 * Takes `scroller` to `top`, in pixels, as soon as its content is long enough: a screen may still be on its way. Gives
 * up when the person does anything. Returns how to stop.
 */
export function settleScroll(scroller: Element, content: Element, top: number): () => void {
  const observer = new ResizeObserver(go);
  function go(): void {
    scroller.scrollTop = top;
    if (Math.abs(scroller.scrollTop - top) <= 1) stop();
  }
  function stop(): void {
    observer.disconnect();
    for (const type of TAKEN_OVER) removeEventListener(type, stop, true);
  }
  for (const type of TAKEN_OVER) addEventListener(type, stop, { capture: true, passive: true });
  observer.observe(content);
  go();
  return stop;
}
