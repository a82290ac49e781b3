/** Batches made to tell wrong claims from true ones behind a batch that failed; the rest is then looked at singly. */
export const SEARCH_BATCHES_MAX = 8;

/** How claims are looked at: many at once, which names nobody, or one alone, which names what is wrong with it. */
export interface ClaimChecks<Claim, Fault> {
  /** False where one of them or more is wrong. */
  holdTogether(claims: readonly Claim[]): boolean;
  /** Undefined where it holds. */
  faultOf(claim: Claim): Fault | undefined;
}

/**
 * What is wrong with each claim, undefined where nothing is: by halves, so that a few wrong ones among many cost little
 * more than one batch, and so that many of them cost at most {@link SEARCH_BATCHES_MAX} batches more than one by one.
 * Nothing passes that held neither in a batch nor alone.
 */
export function faultsOf<Claim, Fault>(
  claims: readonly Claim[],
  checks: ClaimChecks<Claim, Fault>,
): readonly (Fault | undefined)[] {
  if (checks.holdTogether(claims)) return claims.map(() => undefined);
  let batches = SEARCH_BATCHES_MAX;
  /** Of claims that do not hold together. */
  const search = (some: readonly Claim[]): readonly (Fault | undefined)[] => {
    if (some.length <= 1 || batches === 0) return some.map((claim) => checks.faultOf(claim));
    const [left, right] = halves(some);
    const inLeft = look(left);
    // Where the left half holds, the right one does not: that needs no batch.
    return [...(inLeft ?? left.map(() => undefined)), ...(inLeft === undefined ? search(right) : lookAll(right))];
  };
  /** Undefined where they hold. */
  const look = (some: readonly Claim[]): readonly (Fault | undefined)[] | undefined => {
    if (batches === 0) return search(some);
    batches--;
    return checks.holdTogether(some) ? undefined : search(some);
  };
  const lookAll = (some: readonly Claim[]): readonly (Fault | undefined)[] => look(some) ?? some.map(() => undefined);
  return search(claims);
}

/**
 * What is wrong with one of the claims, undefined where all hold. Every batch is half of the one before, so that finding
 * it costs about as much as the first one did, however many are wrong.
 */
export function firstFault<Claim, Fault>(
  claims: readonly Claim[],
  checks: ClaimChecks<Claim, Fault>,
): Fault | undefined {
  if (checks.holdTogether(claims)) return undefined;
  let some = claims;
  while (some.length > 1) {
    const [left, right] = halves(some);
    some = checks.holdTogether(left) ? right : left;
  }
  const [found] = some.map((claim) => checks.faultOf(claim));
  // A batch that fails over true claims would be our own mistake; none is believed on that account.
  return found ?? claims.map((claim) => checks.faultOf(claim)).find((fault) => fault !== undefined);
}

function halves<T>(items: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}
