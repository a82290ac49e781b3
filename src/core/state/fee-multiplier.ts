export const MULTIPLIER_MIN = 1_000;
export const MULTIPLIER_MAX = 1_000_000;

/**
 * FE-1: the multiplier after an epoch in which `growth` outputs were made. A full chain doubles its price within an
 * epoch and an empty one falls by an eighth, because blocks allow many times the target.
 */
export function nextMultiplier(multiplier: number, target: number, growth: number): number {
  const delta = Math.min(Math.max(growth - target, -target), 8 * target);
  const moved = Math.floor((multiplier * (8 * target + delta)) / (8 * target));
  const next = delta > 0 ? Math.max(moved, multiplier + 1) : moved;
  return Math.min(Math.max(next, MULTIPLIER_MIN), MULTIPLIER_MAX);
}
