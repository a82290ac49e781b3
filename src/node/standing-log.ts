import type { KeyStanding } from "../core/state/key-standing.ts";

/** One line for whoever works a validator, a stable code first. Nothing in it names the key. */
const LINES: Readonly<Record<KeyStanding, string>> = {
  unknown: "validator_unknown: nobody has a stake for this key",
  active: "validator_active: this key has a seat and votes",
  waiting: "validator_waiting: this key has no seat; it enters at the end of an epoch if its stake is large enough",
  jailed: "validator_jailed: this key was silent for too long and is out",
  slashed:
    "validator_slashed: this key has signed two things for one place; its stakes lose a part when the epoch ends",
  removed: "validator_removed: this key has signed two things for one place and never votes again",
};

/** `unjails`: the node will say by itself that it is back (ST-3). */
export function standingLine(standing: KeyStanding, unjails: boolean): string {
  if (standing !== "jailed") return LINES[standing];
  const way = unjails
    ? "it says that it is back once this node follows the chain"
    : "`stegos key unjail` takes it back";
  return `${LINES.jailed}; ${way}`;
}
