import { devFaucetSeed, devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { encodeTransaction } from "../../src/core/chain/transaction.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import { amount, MICRO_PER_STG } from "../../src/core/values/amount.ts";
import { deriveAccount } from "../../src/core/wallet/keys.ts";
import type { PaymentProposal } from "../../src/core/wallet/propose-payment.ts";
import { proposeStake, type ProposeStakeResult, type StakeTerms } from "../../src/core/wallet/propose-stake.ts";
import { acceptStake, formatStakeAcceptance, makeStakeOffer } from "../../src/core/wallet/stake-offer.ts";
import type { StakeNote } from "../../src/core/wallet/stake-state.ts";
import { liveStakes } from "../../src/core/wallet/wallet-state.ts";
import { fakeBls } from "./fake-bls.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { seededRandom } from "./test-random.ts";
import { extendWith, itemOf, TestWallet, termsOf } from "./wallet-chain.ts";
import { curve } from "./wallet-vectors.ts";

const STG = MICRO_PER_STG;
/** A key that has no seat from the genesis. */
export const VALIDATOR = devValidatorSeed(4);
const random = seededRandom("offers of a staker");
/** Of the wallet of a {@link Staker}. */
export const keys = deriveAccount(curve, devFaucetSeed(), 0);

/** A wallet with coins beside a ledger: what it makes goes into blocks by the rules of every node, and it reads them. */
export class Staker {
  readonly ledger = new LedgerBuilder({ label: "staker" });
  readonly wallet = new TestWallet(keys, this.ledger.tip.header, "staker");

  constructor() {
    // One coin of the faucet as a note of the wallet.
    const [note] = this.ledger.take(1);
    const { transaction } = this.ledger.transfer([note!], [0n, 1_000n * STG]);
    this.read(extendWith(this.ledger, [encodeTransaction(transaction)]));
  }

  get terms(): StakeTerms {
    const { chainId } = this.ledger.tip.chain;
    return { ...termsOf(this.ledger), curve, bls: fakeBls, chainId, view: keys.view };
  }

  read(item: CompactItem): CompactItem {
    this.wallet.read(item);
    return item;
  }

  boundary(): CompactItem[] {
    const items: CompactItem[] = [];
    const from = this.ledger.tip.header.epoch;
    while (this.ledger.tip.header.epoch === from || items.length === 0) {
      items.push(
        this.read(itemOf(this.ledger.extend([], { afterMs: this.ledger.tip.chain.params.epochMs }), this.ledger)),
      );
    }
    return items;
  }

  acceptance(seed = VALIDATOR): string {
    const offer = makeStakeOffer(curve, random, keys.view, this.terms.chainId, fakeBls.publicKey(seed));
    return formatStakeAcceptance(acceptStake(fakeBls, seed, offer));
  }

  propose(value: bigint, acceptance = this.acceptance()): ProposeStakeResult {
    return proposeStake(this.wallet.state, this.terms, { amount: amount(value), acceptance });
  }

  /** Signs, stores, and puts it into a block by the rules of every node. */
  make(proposed: ProposeStakeResult): CompactItem {
    const { transaction } = this.wallet.pay(proposalOf(proposed), this.terms.chainId, this.ledger.tip.header.time);
    return this.read(extendWith(this.ledger, [transaction]));
  }

  lock(value: bigint): StakeNote {
    this.make(this.propose(value));
    return liveStakes(this.wallet.state).at(-1)!;
  }

  get stake(): StakeNote {
    return liveStakes(this.wallet.state).at(-1)!;
  }
}

/** Throws where it was refused. */
export function proposalOf(proposed: ProposeStakeResult): PaymentProposal {
  if (!proposed.ok) throw new Error(`not proposed: ${proposed.code}`);
  return proposed.proposal;
}
