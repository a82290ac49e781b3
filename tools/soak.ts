// npm run soak [-- PROJECT…]: the full counts that `npm test` samples.
import { runVitest } from "./run-vitest.ts";

const SOAK_TIMEOUT_MS = 24 * 60 * 60_000;

// The unit project holds the contract suites too.
const named = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const project of named.length > 0 ? named : ["unit", "sim"]) {
  const counts = await runVitest(project, { timeoutMs: SOAK_TIMEOUT_MS, output: "stream", env: { SOAK: "1" } });
  passed += counts.passed;
  failed += counts.failed;
  for (const failure of counts.failures) console.log(`failed: ${failure}\n`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
