import type { ValidatorStandingView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { accountOf } from "../../core/state/aux-records.ts";
import { keyStanding } from "../../core/state/key-standing.ts";
import type { ValidatorRecords } from "./validator-lookup.ts";

/** A key as the records of a boundary show it. */
export function validatorStanding(
  { header, aux, validators }: ValidatorRecords,
  blsKey: Uint8Array,
  epochMs: number,
): ValidatorStandingView {
  const standing = keyStanding(aux, validators, blsKey);
  const account = standing === "jailed" ? accountOf(aux.accounts, blsKey) : undefined;
  const silentMs = account && (header.epoch - account.lastSignedEpoch) * epochMs;
  return {
    validatorKey: formatHex(blsKey),
    // No record yet: its first stake was made after that block (CO-18).
    status: standing === "unknown" ? "waiting" : standing,
    lastSignedMs: silentMs === undefined ? undefined : header.time - silentMs,
    asOfMs: header.time,
  };
}
