import { equalBytes } from "../bytes/compare-bytes.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import { accountOf, type AuxRecords } from "./aux-records.ts";

/** Where the key of a validator stands. */
export type KeyStanding =
  /** No record: nobody has a stake for it, or not yet (CO-18). */
  | "unknown"
  /** It has a seat. */
  | "active"
  /** In good standing without a seat: it enters at the end of an epoch, or has too little (ST-2). */
  | "waiting"
  /** Silent for too long (ST-3). Where fewer than four would be left it keeps its seat until they are more (ST-2). */
  | "jailed"
  /** Proven to have signed twice: its stakes lose a part at the end of the epoch (ST-4). */
  | "slashed"
  /** The same afterwards, for ever. */
  | "removed";

/** What the state behind a block says of a key; `validators` is the set that votes on the next one. */
export function keyStanding({ accounts }: AuxRecords, validators: ValidatorSet, blsKey: Uint8Array): KeyStanding {
  const account = accountOf(accounts, blsKey);
  if (account === undefined) return "unknown";
  switch (account.status) {
    case "ok":
      return validators.some((seat) => equalBytes(seat.blsKey, blsKey)) ? "active" : "waiting";
    case "jailed":
      return "jailed";
    case "slash-due":
      return "slashed";
    case "removed":
      return "removed";
    default:
      return account.status satisfies never;
  }
}
