import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { Certificate } from "../chain/certificate.ts";
import { feeOf } from "../chain/transaction.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import { amount } from "../values/amount.ts";
import type { TimeMs } from "../values/height.ts";
import type { ValidatorAccount } from "./aux-records.ts";
import type { PacketDraws } from "./draw-packets.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";
import { blockReward, splitReward } from "./rewards.ts";

/** What a block adds to the counters of its header (SU-1). */
export interface RewardEffects {
  readonly accounts: readonly ValidatorAccount[];
  readonly minted: bigint;
  readonly pot: bigint;
}

/**
 * RW-1 credits and, for everybody in the certificate, the newest epoch signed in (CO-18). The certificate is of the
 * parent, so shares go by the parent's set; the proposer sits in the set of this block. `accountsBefore` are those after the
 * transactions of the block.
 */
export function applyRewards(
  tip: LedgerTip,
  accountsBefore: readonly ValidatorAccount[],
  content: {
    readonly time: TimeMs;
    readonly proposer: number;
    readonly lastCertificate: Certificate;
    readonly transactions: readonly ValidTransaction[];
    readonly packets: Pick<PacketDraws, "fees">;
  },
): RewardEffects {
  const { chain, header, validators, nextValidators } = tip;
  const reward = blockReward(chain.params, chain.genesisTime, header.time, content.time);
  const paid = content.transactions.reduce((sum, { transaction }) => sum + feeOf(transaction), 0n);
  const fees = paid + content.packets.fees;
  const { signers } = content.lastCertificate;
  const split = splitReward(reward, fees, chain.params.awardBp, validators, signers);
  const signerShares = new Map(
    validators.flatMap(({ blsKey }, seat) =>
      signers[seat] === true ? [[formatHex(blsKey), split.signers[seat]!]] : [],
    ),
  );
  const proposerKey = nextValidators[content.proposer]!.blsKey;
  const epoch = nextEpoch(tip);
  const accounts = accountsBefore.map((account): ValidatorAccount => {
    const share = signerShares.get(formatHex(account.blsKey));
    const proposerPart = equalBytes(account.blsKey, proposerKey) ? split.proposer : 0n;
    if (share === undefined && proposerPart === 0n) return account;
    const balance = amount(account.balance + (share ?? 0n) + proposerPart);
    return { ...account, balance, lastSignedEpoch: share === undefined ? account.lastSignedEpoch : epoch };
  });
  const accrued = sumBalances(accounts) - sumBalances(accountsBefore);
  // What no account took goes to the pot, so that minted and fees are always shared out whole (SU-1).
  const pot = reward + fees - accrued;
  return { accounts, minted: reward, pot };
}

/** `accrued` of SU-1: what the chain owes to validators. */
export function sumBalances(accounts: readonly ValidatorAccount[]): bigint {
  return accounts.reduce((sum, { balance }) => sum + balance, 0n);
}
