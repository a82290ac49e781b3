import { formatHex, parseHex } from "../bytes/hex.ts";
import { outputsOf, type Transaction } from "../chain/transaction.ts";
import type { Unbond, Unjail } from "../chain/stake-transaction.ts";
import { ACCOUNTS_MAX, KEY_STAKES_MAX } from "../params/limits.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import type { LeafIndex } from "../values/height.ts";
import { accountOf, type AccountStatus } from "./aux-records.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";
import { countStakes, isEnoughStake, stakeAt, STAKES_MAX } from "./stakes.ts";

/** Stakes and keys as the transactions of a block see them, one after another; for a pool those of the tip. */
export class BlockStakes {
  readonly #tip: LedgerTip;
  readonly #unbonded = new Set<LeafIndex>();
  /** Keys as hex. */
  readonly #unjailed = new Set<string>();
  readonly #convicted = new Set<string>();
  readonly #begun = new Set<string>();
  /** Stakes that the transactions so far have made, by key. */
  readonly #made = new Map<string, number>();

  constructor(tip: LedgerTip) {
    this.#tip = tip;
  }

  /** Undefined for a key that has no record. */
  statusOf(blsKey: Uint8Array): AccountStatus | undefined {
    const name = formatHex(blsKey);
    if (this.#convicted.has(name)) return "slash-due";
    return this.#unjailed.has(name) ? "ok" : accountOf(this.#tip.aux.accounts, blsKey)?.status;
  }

  /** Evidence stands before the transactions of a block, and binds them (ST-4). */
  convict(blsKeys: readonly Uint8Array[]): void {
    for (const blsKey of blsKeys) this.#convicted.add(formatHex(blsKey));
  }

  /** The rules of stakes that a transaction must keep here and now: ST-1, ST-3, ST-5 without work on a curve. */
  validate(transaction: Transaction): RuleResult {
    switch (transaction.kind) {
      case "transfer":
        return this.#validateOutputs(transaction);
      case "unbond":
        return this.#validateUnbond(transaction);
      case "unjail":
        return this.#validateUnjail(transaction);
      default:
        return RULE_KEPT;
    }
  }

  /** Takes a valid one: what it unbonds or unjails is so for those behind it. */
  take(transaction: Transaction): void {
    if (transaction.kind === "unbond") this.#unbonded.add(transaction.stake);
    if (transaction.kind === "unjail") this.#unjailed.add(formatHex(transaction.blsKey));
    for (const name of this.#newKeysOf(transaction)) this.#begun.add(name);
    for (const name of stakedKeys(transaction)) this.#made.set(name, (this.#made.get(name) ?? 0) + 1);
  }

  /** ST-1: enough, and for a key that nobody has proven to have signed twice. */
  #validateOutputs(transaction: Transaction): RuleResult {
    const { minStake } = this.#tip.chain.params;
    for (const { core } of outputsOf(transaction)) {
      if (core.type !== "stake") continue;
      const status = this.statusOf(core.blsKey);
      const isBarred = status === "slash-due" || status === "removed";
      if (isBarred || !isEnoughStake(core.amount, minStake)) return broken("ST-1");
    }
    if (!this.#isRoomFor(stakedKeys(transaction))) return broken("ST-9");
    const begun = new Set([...this.#begun, ...this.#newKeysOf(transaction)]);
    const isRoomForKeys = begun.size === 0 || this.#tip.aux.accounts.length + begun.size <= ACCOUNTS_MAX;
    return isRoomForKeys ? RULE_KEPT : broken("EN-3");
  }

  /**
   * ST-9: may stakes of these keys be made, one for each time a key is named? Those that the block spends count too, so
   * that nothing hangs on the order of its transactions.
   */
  #isRoomFor(names: readonly string[]): boolean {
    if (names.length === 0) return true;
    const madeInAll = [...this.#made.values()].reduce((sum, count) => sum + count, 0);
    if (this.#tip.stakes.length + madeInAll + names.length > STAKES_MAX) return false;
    const more = [...countByName(names)];
    const live = countStakes(
      this.#tip.stakes,
      more.map(([name]) => parseHex(name)),
    );
    return more.every(([name, count], at) => live[at]! + (this.#made.get(name) ?? 0) + count <= KEY_STAKES_MAX);
  }

  /** Keys, as hex, that have no record before this transaction's stakes (CO-18). */
  #newKeysOf(transaction: Transaction): readonly string[] {
    return outputsOf(transaction).flatMap(({ core }) =>
      core.type === "stake" && this.statusOf(core.blsKey) === undefined ? [formatHex(core.blsKey)] : [],
    );
  }

  /** ST-5: a live stake that is not unbonding yet, and worth the fee. */
  #validateUnbond({ stake: leaf, fee }: Unbond): RuleResult {
    const stake = stakeAt(this.#tip.stakes, leaf);
    const isBound = stake !== undefined && !stake.state.isUnbonding && !this.#unbonded.has(leaf);
    return isBound && stake.state.amount >= fee ? RULE_KEPT : broken("ST-5");
  }

  /** ST-3: a jailed key, for this epoch, and once in it. */
  #validateUnjail({ blsKey, epoch }: Unjail): RuleResult {
    const account = accountOf(this.#tip.aux.accounts, blsKey);
    if (account === undefined || this.statusOf(blsKey) !== "jailed") return broken("ST-3");
    const isNow = epoch === nextEpoch(this.#tip) && epoch > account.unjailEpoch;
    return isNow ? RULE_KEPT : broken("ST-3");
  }
}

/** Keys, as hex, of the stakes that a transaction makes: each as often as it makes one. */
function stakedKeys(transaction: Transaction): readonly string[] {
  return outputsOf(transaction).flatMap(({ core }) => (core.type === "stake" ? [formatHex(core.blsKey)] : []));
}

function countByName(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
