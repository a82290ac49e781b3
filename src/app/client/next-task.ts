/**
 * Resolves in a task of its own: until then the browser draws and answers taps. Long work is cut with it where nobody
 * waits for the whole.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
