import { parseHex } from "../../src/core/bytes/hex.ts";
import { parseScalar, type Scalar } from "../../src/core/crypto/scalar.ts";
import vectors from "../vectors/protocol-v1.json" with { type: "json" };

/** Reference values of the protocol; where they come from stands in their `set` and `note`. */
export { vectors };

/** Bytes of a hex vector. */
export const hexBytes = parseHex;

/** Scalar of a hex vector. */
export function hexScalar(text: string): Scalar {
  const scalar = parseScalar(parseHex(text));
  if (scalar === undefined) throw new Error(`not a scalar: ${text}`);
  return scalar;
}
