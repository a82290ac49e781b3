import { compareBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { decodeOutputCore, type StakeCore } from "../chain/output.ts";
import { outputsOf, type Transaction } from "../chain/transaction.ts";
import type { LeafRecord, LedgerReader } from "../ports/ledger-reader.ts";
import { amount } from "../values/amount.ts";
import { epoch, leafIndex, timeMs, type LeafIndex } from "../values/height.ts";
import { freshAccount, type ValidatorAccount } from "./aux-records.ts";
import type { BlockContent } from "./block-content.ts";
import { encodeStakeState } from "./leaf-state.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";
import type { Stake } from "./stakes.ts";

/** Live stakes, ascending by leaf, and the records of their keys, ascending by key. */
export interface StakesAndAccounts {
  readonly stakes: readonly Stake[];
  readonly accounts: readonly ValidatorAccount[];
}

/**
 * What valid transactions do to stakes and keys: what is spent goes, what is locked comes, an unbond pays its fee out of
 * its stake (ST-5), an unjail makes its key good again (ST-3). The same objects where nothing changes.
 */
export function applyStakes(
  tip: LedgerTip,
  reader: LedgerReader,
  content: Pick<BlockContent, "transactions" | "spent" | "convicted" | "proposer" | "packets">,
): StakesAndAccounts {
  const { spent } = content;
  const transactions = content.transactions.map(({ transaction }) => transaction);
  const made = newStakes(transactions, tip.header.nextLeaf + content.packets.outputs.length);
  const fees = new Map(transactions.flatMap((each) => (each.kind === "unbond" ? [[each.stake, each.fee]] : [])));
  const isTouched = fees.size > 0 || tip.stakes.some(({ leaf }) => spent.has(leaf));
  const kept = isTouched
    ? tip.stakes.filter(({ leaf }) => !spent.has(leaf)).map((stake) => unbonded(stake, fees.get(stake.leaf)))
    : tip.stakes;
  const stakes = made.length === 0 ? kept : [...kept, ...made.map(({ stake }) => stake)];
  const accounts = withNewKeys(unjailAccounts(tip, convictAccounts(tip, content), transactions), made);
  if (stakes === tip.stakes) return { stakes, accounts };
  const fresh = new Map(made.map(({ core, stake }) => [stake.leaf, core]));
  const rewardAt = (leaf: LeafIndex): StakeCore["reward"] => (fresh.get(leaf) ?? storedStake(reader, leaf)).reward;
  return { stakes, accounts: withRewards(tip.stakes, { stakes, accounts }, rewardAt) };
}

function unbonded(stake: Stake, fee: bigint | undefined): Stake {
  if (fee === undefined) return stake;
  return { ...stake, state: { isUnbonding: true, amount: amount(stake.state.amount - fee), release: timeMs(0) } };
}

interface NewStake {
  readonly core: StakeCore;
  readonly stake: Stake;
}

function newStakes(transactions: readonly Transaction[], firstLeaf: number): readonly NewStake[] {
  return transactions.flatMap(outputsOf).flatMap(({ core }, index) => {
    if (core.type !== "stake") return [];
    const state = { isUnbonding: false, amount: core.amount, release: timeMs(0) };
    return [{ core, stake: { leaf: leafIndex(firstLeaf + index), blsKey: core.blsKey, state } }];
  });
}

/** ST-4 at inclusion: a slash is due to the keys, and whoever made the block will have his part of it. */
function convictAccounts(
  tip: LedgerTip,
  { convicted, proposer }: Pick<BlockContent, "convicted" | "proposer">,
): readonly ValidatorAccount[] {
  if (convicted.length === 0) return tip.aux.accounts;
  const keys = new Set(convicted.map(formatHex));
  const includer = tip.nextValidators[proposer]!.blsKey;
  return tip.aux.accounts.map((account) =>
    keys.has(formatHex(account.blsKey)) ? { ...account, status: "slash-due", includer } : account,
  );
}

function unjailAccounts(
  tip: LedgerTip,
  accounts: readonly ValidatorAccount[],
  transactions: readonly Transaction[],
): readonly ValidatorAccount[] {
  const keys = new Set(transactions.flatMap((each) => (each.kind === "unjail" ? [formatHex(each.blsKey)] : [])));
  if (keys.size === 0) return accounts;
  const now = nextEpoch(tip);
  return accounts.map((account) =>
    keys.has(formatHex(account.blsKey))
      ? { ...account, status: "ok", lastSignedEpoch: now, unjailEpoch: now }
      : account,
  );
}

/** CO-18: a record exists from the first stake of a key on. */
function withNewKeys(accounts: readonly ValidatorAccount[], made: readonly NewStake[]): readonly ValidatorAccount[] {
  if (made.length === 0) return accounts;
  const known = new Set(accounts.map(({ blsKey }) => formatHex(blsKey)));
  const added: ValidatorAccount[] = [];
  for (const { core } of made) {
    const name = formatHex(core.blsKey);
    if (known.has(name)) continue;
    known.add(name);
    added.push(freshAccount(core.blsKey, core.reward, epoch(0)));
  }
  if (added.length === 0) return accounts;
  return [...accounts, ...added].sort((left, right) => compareBytes(left.blsKey, right.blsKey));
}

/** CO-18: the reward address is that of a key's oldest live stake, and stays when none is left. */
function withRewards(
  before: readonly Stake[],
  { stakes, accounts }: StakesAndAccounts,
  rewardAt: (leaf: LeafIndex) => StakeCore["reward"],
): readonly ValidatorAccount[] {
  const oldestBefore = oldestStakes(before);
  const oldest = oldestStakes(stakes);
  return accounts.map((account) => {
    const name = formatHex(account.blsKey);
    const leaf = oldest.get(name);
    return leaf === undefined || leaf === oldestBefore.get(name) ? account : { ...account, reward: rewardAt(leaf) };
  });
}

/** CO-18 at the end of a block: a record goes once its key is in good standing and nothing is staked or owed. */
export function withoutEmptyAccounts(
  accounts: readonly ValidatorAccount[],
  stakes: readonly Stake[],
): readonly ValidatorAccount[] {
  const mayGo = accounts.filter(({ balance, status }) => balance === 0n && status === "ok");
  if (mayGo.length === 0) return accounts;
  const live = oldestStakes(stakes);
  return accounts.filter(
    ({ blsKey, balance, status }) => balance > 0n || status !== "ok" || live.has(formatHex(blsKey)),
  );
}

/** By key as hex. */
function oldestStakes(stakes: readonly Stake[]): ReadonlyMap<string, LeafIndex> {
  const oldest = new Map<string, LeafIndex>();
  for (const { blsKey, leaf } of stakes) {
    const name = formatHex(blsKey);
    if (!oldest.has(name)) oldest.set(name, leaf);
  }
  return oldest;
}

function storedStake(reader: LedgerReader, leaf: LeafIndex): StakeCore {
  const core = decodeOutputCore(reader.leaf(leaf)!.core);
  if (core.type !== "stake") throw new Error("a stake whose leaf is none");
  return core;
}

/** Leaves of stakes that were live before and still are, but in another state (BL-3), ascending. */
export function rewrittenStakes(
  reader: LedgerReader,
  before: readonly Stake[],
  after: readonly Stake[],
): ReadonlyMap<LeafIndex, LeafRecord> {
  if (before === after) return new Map();
  const states = new Map(before.map(({ leaf, state }) => [leaf, state]));
  return new Map(
    after.flatMap(({ leaf, state }) => {
      const old = states.get(leaf);
      if (old === undefined || old === state) return [];
      return [[leaf, { ...reader.leaf(leaf)!, stateFields: encodeStakeState(state) }]];
    }),
  );
}
