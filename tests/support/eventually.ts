import { vi } from "vitest";

const PATIENCE_MS = 90_000;
const INTERVAL_MS = 10;

/**
 * Waits until a check passes and gives its result; after 90 s it fails as the check does. The patience says nothing
 * about how fast something must be: a busy machine may stand still for seconds, and a test that passes never waits it
 * out.
 */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: INTERVAL_MS });
}
