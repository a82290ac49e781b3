import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../src/core/crypto/backend/kernel/build-kernel.ts";
import { BACKEND_NAMES, openBackend } from "../../src/core/crypto/backend/open-backend.ts";

/**
 * The curve of tests that need one and not a certain one: the backend that `STEGOS_BACKEND` names (noble, scalar, simd or
 * fma), without it the fastest, as a user has it.
 */
export const testCurve: CurveBackend = await openTestCurve();

async function openTestCurve(): Promise<CurveBackend> {
  const asked = process.env["STEGOS_BACKEND"];
  const only = BACKEND_NAMES.find((name) => name === asked);
  if (asked !== undefined && only === undefined) throw new RangeError(`no backend is called ${asked}`);
  const curve = await openBackend(buildKernel, only);
  // A fall-back would be noble's tests once more under another name.
  if (only !== undefined && !curve.name.endsWith(only)) throw new Error(`${asked} is not to be had in this Node.js`);
  return curve;
}
