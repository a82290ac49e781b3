import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { ROOT } from "./run-command.ts";

/**
 * Files that take longest, the longest first, as a run of everything has shown. Whoever has never run the tests knows no
 * times, and Vitest then goes by size: the two files that look at every state of the app are short and would run last,
 * after all others and alone.
 */
export const LONG_TESTS: readonly string[] = [
  "tests/e2e/stake.test.ts",
  "tests/e2e/app-fake-everybody.test.ts",
  "tests/e2e/device-states.test.ts",
  "tests/e2e/update.test.ts",
  "tests/e2e/app-fake-languages.test.ts",
  "tests/e2e/webrtc.test.ts",
  "tests/e2e/safety.test.ts",
  "tests/e2e/discovery.test.ts",
  "tests/e2e/journeys.test.ts",
  "tests/e2e/award.test.ts",
  "tests/e2e/backends.test.ts",
  "tests/e2e/app-fake-problems.test.ts",
  "tests/e2e/restore.test.ts",
  "tests/processes/unjail.test.ts",
  "tests/processes/cli-wallet.test.ts",
  "tests/processes/cli-stake.test.ts",
  "tests/sim/client-kills.test.ts",
  "tests/sim/nodes/planted-bugs.test.ts",
  "tests/sim/nodes/nodes.test.ts",
  "tests/unit/node/network/exchange-peers.test.ts",
  "tests/unit/core/crypto/backend/wasm-backend.test.ts",
  "tests/unit/core/crypto/backend/wasm-edwards.test.ts",
  "tests/unit/core/machines/light-client-restore.test.ts",
  "tests/unit/net/host-limits.test.ts",
  "tests/unit/core/crypto/backend/wasm-edwards-many.test.ts",
  "tests/unit/engine/services/restore-genesis.test.ts",
];

/** Puts the files of `LONG_TESTS` before all others and in its order; the others stay in theirs. */
export function longTestsFirst<T>(files: readonly T[], pathOf: (file: T) => string): T[] {
  const placeOf = (file: T): number => {
    const place = LONG_TESTS.indexOf(pathOf(file));
    return place < 0 ? LONG_TESTS.length : place;
  };
  return files.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Vitest's own order where it has none of ours. Its groups of projects run after each other as before. */
export class LongTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longTestsFirst(await super.sort(files), ({ moduleId }) => relative(ROOT, moduleId));
  }
}
