/** Calls once the page has drawn what it shows now; at once where nobody looks at it, for then it draws nothing. */
export function afterDrawing(call: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(() => setTimeout(call));
  else call();
}
