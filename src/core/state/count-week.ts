import { formatHex } from "../bytes/hex.ts";
import type { Certificate } from "../chain/certificate.ts";
import { proposer } from "../chain/proposer.ts";
import type { ValidatorAccount, WeekCounters } from "./aux-records.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";

type Count = Exclude<keyof WeekCounters, "isFaulty">;
type Counts = Readonly<Record<Count, number>>;
const NOTHING: Counts = { epochs: 0, blocks: 0, signed: 0, assigned: 0, missed: 0 };

/**
 * What a block adds to the week of each key (CO-18): the certificate it carries for the set of its parent, the rounds
 * that it took for its own set, and the epoch if it ends one. The rounds are as many as the block says, which is as many
 * as validators have gone through: a proposal of another round than the present one is not looked at.
 */
export function countWeek(
  tip: LedgerTip,
  accounts: readonly ValidatorAccount[],
  block: { readonly round: number; readonly lastCertificate: Certificate; readonly isEpochEnd: boolean },
): readonly ValidatorAccount[] {
  const counts = new Map<string, Counts>();
  const add = (blsKey: Uint8Array, ...what: readonly Count[]): void => {
    const name = formatHex(blsKey);
    const next = { ...(counts.get(name) ?? NOTHING) };
    for (const each of what) next[each] += 1;
    counts.set(name, next);
  };
  // The certificate of genesis is empty: nobody could sign it (GE-5).
  if (tip.header.height > 0) {
    tip.validators.forEach(({ blsKey }, seat) => {
      add(blsKey, "blocks", ...(block.lastCertificate.signers[seat] === true ? (["signed"] as const) : []));
    });
  }
  for (let round = 0; round <= block.round; round++) {
    const seat = proposer(tip.epochSeed, nextHeight(tip), round, tip.nextValidators);
    add(tip.nextValidators[seat]!.blsKey, "assigned", ...(round < block.round ? (["missed"] as const) : []));
  }
  if (block.isEpochEnd) for (const { blsKey } of tip.nextValidators) add(blsKey, "epochs");
  return accounts.map((account) => {
    const more = counts.get(formatHex(account.blsKey));
    return more === undefined ? account : { ...account, week: sumWeek(account.week, more) };
  });
}

function sumWeek(week: WeekCounters, more: Counts): WeekCounters {
  return {
    epochs: week.epochs + more.epochs,
    blocks: week.blocks + more.blocks,
    signed: week.signed + more.signed,
    assigned: week.assigned + more.assigned,
    missed: week.missed + more.missed,
    isFaulty: week.isFaulty,
  };
}
