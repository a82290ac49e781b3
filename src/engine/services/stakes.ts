import type { ClientApi, OfferResult, ProposeStakeResult, ValidatorsResult } from "../../api/client-api.ts";
import type { StakeView, StakingView } from "../../api/views.ts";
import { formatHex, parseHex } from "../../core/bytes/hex.ts";
import { knownParams, paymentTerms, viewRewards } from "../../core/machines/light-client-views.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import { isReleased } from "../../core/state/leaf-state.ts";
import { stakeMin } from "../../core/state/stakes.ts";
import { amount } from "../../core/values/amount.ts";
import { LEAF_INDEX_LIMIT, leafIndex, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { deriveAddress } from "../../core/wallet/keys.ts";
import { isPending, type StakeAct } from "../../core/wallet/payment.ts";
import {
  proposeStake,
  proposeUnstake,
  proposeWithdrawal,
  type ProposeStakeResult as Proposed,
  type StakeTerms,
} from "../../core/wallet/propose-stake.ts";
import { formatStakeOffer, makeStakeOffer, STAKE_PLACE } from "../../core/wallet/stake-offer.ts";
import { sumRewards } from "../../core/wallet/stake-rewards.ts";
import { stateOf, type StakeNote } from "../../core/wallet/stake-state.ts";
import { hasStaked, liveStakes, type WalletState } from "../../core/wallet/wallet-state.ts";
import type { WalletKeys } from "../../core/wallet/wallet-secrets.ts";
import { ForkWatch, isForked } from "./fork-watch.ts";
import { lookupNodes } from "./lookup-nodes.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import type { PaymentsService } from "./payments.ts";
import { untilConfigured } from "./until-configured.ts";
import { ValidatorLookup } from "./validator-lookup.ts";
import { accruedRewards, owingKeys, validatorStanding } from "./validator-standing.ts";

const BLS_KEY_DIGITS = 96;

/** The stakes area of the client's API. What it proposes is confirmed, stored and sent as payments are. */
export class StakesService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #keys: () => WalletKeys | undefined;
  readonly #payments: PaymentsService;
  readonly #lookup: ValidatorLookup;
  readonly #forks: ForkWatch;
  #lastLookup: Promise<unknown> = Promise.resolve();

  constructor(
    edges: LightClientEdges,
    run: () => LightClientRun | undefined,
    keys: () => WalletKeys | undefined,
    payments: PaymentsService,
  ) {
    this.#edges = edges;
    this.#run = run;
    this.#keys = keys;
    this.#payments = payments;
    this.#lookup = new ValidatorLookup(edges);
    this.#forks = new ForkWatch(() => this.#lookup.endAll());
  }

  readonly api: ClientApi["stakes"] = {
    offer: (validatorKey) => this.#offer(validatorKey),
    propose: (request) => this.#propose((wallet, terms) => proposeStake(wallet, terms, request)),
    proposeUnstake: (leaf) => this.#about(leaf, proposeUnstake),
    proposeWithdrawal: (leaf) => this.#about(leaf, proposeWithdrawal),
    validators: () => {
      // One after the other: the second finds what the first has read.
      const turn = this.#lastLookup.then(() => this.#validators());
      this.#lastLookup = turn.catch(() => undefined);
      return turn;
    },
  };

  /** The run is over: nobody is asked any more, and no host is left. */
  stopped(): Promise<void> {
    return this.#lookup.endAll();
  }

  async #validators(): Promise<ValidatorsResult> {
    const run = this.#run();
    if (run === undefined || isForked(run)) return { ok: false, code: "not_ready" };
    this.#forks.watch(run);
    const config = await untilConfigured(run, this.#edges.timers);
    const { wallet, chain } = run.state.durable;
    // What is too old to be believed says nothing of today either (LC-4).
    const isKnown = run.proofRoot()?.type === "header";
    const isWanted = (): boolean => this.#run() === run && !isForked(run);
    if (config === undefined || wallet === undefined || chain?.boundary === undefined || !isKnown || !isWanted()) {
      return { ok: false, code: "not_ready" };
    }
    const view = this.#keys()?.view;
    if (view === undefined || !hasStaked(wallet)) return { ok: true, validators: [], accrued: undefined };
    const ground = { config, nodes: lookupNodes(run.state, config), boundary: chain.boundary, isWanted };
    const records = await this.#lookup.records(ground);
    if (records === undefined) return { ok: false, code: "offline" };
    const { params } = config;
    const own = deriveAddress(this.#edges.curve, view, STAKE_PLACE.addressIndex);
    const keys = [...liveStakes(wallet).map(({ stake }) => stake.blsKey), ...owingKeys(records, own)];
    const validators = new Map(keys.map((key) => [formatHex(key), validatorStanding(records, key, own, params)]));
    return { ok: true, validators: [...validators.values()], accrued: accruedRewards(records, own, params) };
  }

  async #offer(validatorKey: string): Promise<OfferResult> {
    const isHex = validatorKey.length === BLS_KEY_DIGITS && /^[0-9a-f]+$/.test(validatorKey);
    const blsKey = isHex ? parseHex(validatorKey) : undefined;
    if (blsKey === undefined || !this.#edges.bls.isPublicKey(blsKey)) {
      return { ok: false, code: "validator_key_invalid" };
    }
    const terms = await this.#terms();
    if (terms === undefined) return { ok: false, code: "not_ready" };
    const { curve, chainId, view } = terms;
    return { ok: true, offer: formatStakeOffer(makeStakeOffer(curve, this.#edges.random, view, chainId, blsKey)) };
  }

  #about(
    leaf: number,
    propose: (wallet: WalletState, terms: StakeTerms, leaf: LeafIndex) => Proposed,
  ): Promise<ProposeStakeResult> {
    const isLeaf = Number.isSafeInteger(leaf) && leaf >= 0 && leaf < LEAF_INDEX_LIMIT;
    if (!isLeaf) return Promise.resolve({ ok: false, code: "unknown_stake" });
    return this.#propose((wallet, terms) => propose(wallet, terms, leafIndex(leaf)));
  }

  async #propose(propose: (wallet: WalletState, terms: StakeTerms) => Proposed): Promise<ProposeStakeResult> {
    const terms = await this.#terms();
    const run = this.#run();
    const wallet = run?.state.durable.wallet;
    if (run === undefined || terms === undefined || wallet === undefined) return { ok: false, code: "not_ready" };
    const proposed = propose(wallet, terms);
    return proposed.ok ? { ok: true, proposal: this.#payments.hold(run, proposed.proposal) } : proposed;
  }

  /** undefined before the chain is known, and for a wallet that cannot spend. */
  async #terms(): Promise<StakeTerms | undefined> {
    const run = this.#run();
    if (run !== undefined) await untilConfigured(run, this.#edges.timers);
    const view = this.#keys()?.spend?.view;
    const terms = run && run === this.#run() ? paymentTerms(run.state, run.now()) : undefined;
    const chainId = run?.state.config?.chainId;
    if (terms === undefined || view === undefined || chainId === undefined) return undefined;
    return { ...terms, curve: this.#edges.curve, bls: this.#edges.bls, chainId, view };
  }
}

/** Stakes of the wallet, oldest first; those that are not on the chain yet come last. */
export function stakesView({ durable }: LightClientState): readonly StakeView[] {
  const { wallet, chain } = durable;
  if (wallet?.scanned === undefined) return [];
  const { timeMs } = wallet.scanned;
  const seats = new Set(chain?.nextValidators.map(({ blsKey }) => formatHex(blsKey)));
  const pending = [...wallet.payments.values()].filter(isPending);
  const acts = new Map(
    pending.flatMap(({ act, inputs }): [LeafIndex | undefined, StakeAct][] => {
      return act === "unstake" || act === "withdraw" ? [[inputs[0], act]] : [];
    }),
  );
  const held = liveStakes(wallet).map((note): StakeView => {
    const validatorKey = formatHex(note.stake.blsKey);
    return {
      leaf: note.leaf,
      validatorKey,
      amount: note.amount,
      status: acts.get(note.leaf) === "withdraw" ? "withdrawing" : statusOf(note, acts.get(note.leaf), timeMs),
      releaseMs: note.stake.release > 0 ? note.stake.release : undefined,
      isValidating: seats.has(validatorKey),
    };
  });
  const coming = pending.filter(({ act }) => act === "stake");
  return [
    ...held,
    ...coming.map(({ amount }): StakeView => {
      return {
        leaf: undefined,
        validatorKey: undefined,
        amount,
        status: "staking",
        releaseMs: undefined,
        isValidating: false,
      };
    }),
  ];
}

function statusOf(note: StakeNote, act: StakeAct | undefined, nowMs: TimeMs): StakeView["status"] {
  const state = stateOf(note);
  if (state === undefined) return "unclear";
  if (!state.isUnbonding) return act === "unstake" ? "unstaking" : "bonded";
  return isReleased(state, nowMs) ? "released" : "unbonding";
}

const BASIS_POINTS = 10_000;

/** undefined before the network is known. */
export function stakingView(state: LightClientState): StakingView | undefined {
  const { wallet } = state.durable;
  const params = knownParams(state);
  if (params === undefined || wallet === undefined) return undefined;
  const { minStake, unbondingMs, weekEpochs, epochMs, slashBp } = params;
  return {
    stakeMin: amount(stakeMin(minStake)),
    seatMin: amount(BigInt(minStake)),
    unbondingMs,
    payoutMs: weekEpochs * epochMs,
    slashShare: slashBp / BASIS_POINTS,
    earned: sumRewards(wallet, viewRewards(state)),
  };
}
