import { RANGE_LEAVES } from "../../../src/core/state/range-answer.ts";
import type { ScanKeys } from "../../../src/core/wallet/keys.ts";
import { deriveAccount } from "../../../src/core/wallet/keys.ts";
import type { TagJob } from "../../../src/core/wallet/scan-tags.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { seededRandom } from "../../support/test-random.ts";

/** A wallet that sees everything, as the app's own does. */
export function scanningKeys(): ScanKeys {
  return deriveAccount(createNobleBackend(), seededRandom("bench keys").bytes(32), 0).view;
}

/** A full range of strangers' outputs as a restore hands it on; `outputsPerKey` of them stand under one D. */
export function rangeJob(outputsPerKey: number): TagJob {
  const random = seededRandom("bench range");
  const ephemeralKeys = new Uint8Array(32 * RANGE_LEAVES);
  for (let place = 0; place < RANGE_LEAVES; place++) {
    if (place % outputsPerKey === 0) ephemeralKeys.set(random.bytes(32), 32 * place);
    else ephemeralKeys.copyWithin(32 * place, 32 * (place - 1), 32 * place);
    ephemeralKeys[32 * place + 31]! &= 0x7f;
  }
  return { ephemeralKeys, viewTags: random.bytes(2 * RANGE_LEAVES) };
}
