import { describe, expect, it } from "vitest";
import {
  countAttempt,
  lookAtAttempts,
  NO_ATTEMPTS,
  PIN_TRIES_FREE,
  PIN_WAITS_MS,
  type PinAttempts,
} from "../../../../src/client/storage/pin-attempts.ts";

const NOW_MS = 1_700_000_000_000;
const YEAR_MS = 365 * 86_400_000;

function failedTimes(count: number): PinAttempts {
  let attempts = NO_ATTEMPTS;
  for (let index = 0; index < count; index++) attempts = countAttempt(attempts, NOW_MS);
  return attempts;
}

describe("the waits between PINs", () => {
  it("begin after the free tries, grow, and stay at the longest", () => {
    expect([1, 2, 3, 4].map((count) => failedTimes(count).waitMs)).toEqual([0, 0, 0, 0]);
    const waits = PIN_WAITS_MS.map((_, index) => failedTimes(PIN_TRIES_FREE + index).waitMs);
    expect(waits).toEqual([...PIN_WAITS_MS]);
    expect([...waits].sort((one, other) => one - other)).toEqual(waits);
    expect(failedTimes(1_000).waitMs).toBe(PIN_WAITS_MS.at(-1));
  });

  it("pass with time, in pieces as in one", () => {
    const attempts = failedTimes(PIN_TRIES_FREE);
    const half = lookAtAttempts(attempts, NOW_MS + 15_000);
    expect(half.waitMs).toBe(15_000);
    expect(lookAtAttempts(half, NOW_MS + 29_999).waitMs).toBe(1);
    expect(lookAtAttempts(half, NOW_MS + 30_000)).toEqual({
      failed: PIN_TRIES_FREE,
      waitMs: 0,
      seenMs: NOW_MS + 30_000,
    });
  });

  it("are neither shorter nor longer for a clock that is set back", () => {
    const back = lookAtAttempts(failedTimes(PIN_TRIES_FREE), NOW_MS - YEAR_MS);
    expect(back.waitMs).toBe(30_000);
    expect(lookAtAttempts(back, NOW_MS - YEAR_MS + 30_000).waitMs).toBe(0);
    let attempts = failedTimes(PIN_TRIES_FREE);
    for (let index = 1; index < 100; index++) attempts = lookAtAttempts(attempts, NOW_MS - index * YEAR_MS);
    expect(attempts.waitMs).toBe(30_000);
  });

  it("a look is no try, and a wait that is over forgets no failure", () => {
    expect(lookAtAttempts(NO_ATTEMPTS, NOW_MS).failed).toBe(0);
    const later = lookAtAttempts(failedTimes(6), NOW_MS + YEAR_MS);
    expect(countAttempt(later, NOW_MS + YEAR_MS).waitMs).toBe(PIN_WAITS_MS[2]);
  });
});
