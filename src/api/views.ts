import type { Address } from "../core/values/address.ts";
import type { Amount } from "../core/values/amount.ts";
import type { TimeMs } from "../core/values/height.ts";
import type { NetworkName } from "../core/values/network.ts";
import type { PasskeyView } from "./lock.ts";

/** Where the client stands with the network. `height` is the newest verified one, undefined before the first. */
export interface SyncView {
  readonly state: "connecting" | "catching-up" | "live" | "offline";
  readonly height: number | undefined;
  /** Best height any node claimed: an unverified figure, for progress only. */
  readonly targetHeight: number | undefined;
  readonly network: NetworkName | undefined;
  /** The chain has made no block for longer than it should (ST-6). */
  readonly isFinalityLate: boolean;
  /** Set while offline: why, as a stable code. A clock that runs ahead is told while live, too. */
  readonly problem:
    | "no_network_file"
    | "no_node_reachable"
    | "wrong_network"
    | "bad_certificate"
    | "checkpoint_too_old" // not checked for so long that somebody has to say which chain is the right one (LC-4)
    | "clock_wrong" // of this device: certified blocks lie in its future, or an hour and more behind
    | "fork" // two final blocks of one height: nothing goes on by itself (LC-3)
    | undefined;
}

/** A block that this device trusts, to be passed on to a device that has not looked at the chain for long (LC-4). */
export interface CheckpointView {
  readonly height: number;
  /** Time of the block, Unix milliseconds. It is good for trusting_ms from then on. */
  readonly timeMs: number;
  /** How its id begins, as 12 words. */
  readonly words: string;
  /** Height and words: what a QR code holds and `enterCheckpoint` takes. */
  readonly text: string;
}

/**
 * A restore from words under way. Counts are of what is verified; the balance meanwhile is what was found so far.
 * `outputsChecked` and `coinsFound` only grow.
 */
export interface RestoreView {
  readonly rangesDone: number;
  /** undefined while it is not known yet how far back to look. */
  readonly rangesTotal: number | undefined;
  readonly outputsChecked: number;
  readonly coinsFound: number;
  /** Nothing comes at the moment; it goes on by itself. */
  readonly isWaiting: boolean;
  /** Why it waits, where that is known: no node reachable, none has the needed state, or all answers were wrong. */
  readonly problem: "offline" | "not_served" | "nodes_refused" | undefined;
}

/** One balance. `total` counts what is on its way back as change, `usable` is what a payment may take now. */
export interface BalanceView {
  readonly total: Amount;
  readonly usable: Amount;
}

/** A seat of the validator set. */
export interface ValidatorSeatView {
  readonly stake: Amount;
  /** 0 to 1: of the blocks since it is counted. */
  readonly onlineShare: number;
  readonly missedProposals: number;
  readonly isJailed: boolean;
}

/**
 * Whether a past draw stands up to a recheck on this device (AW-4); code and rule say what is wrong. `unchecked`: not
 * yet, or this device knows too few of those who signed it.
 */
export type DrawRecheck = "ok" | "unchecked" | { readonly code: string; readonly rule: string };

/** A draw of the weekly award that has been. */
export interface DrawView {
  readonly week: number;
  /** The validator's key as hex. */
  readonly winner: string;
  readonly amount: Amount;
  /** Height of the block whose beacon drew. */
  readonly beaconHeight: number;
  readonly recheck: DrawRecheck;
}

/** The pot that is drawn about weekly among validators that kept up (AW-1). */
export interface AwardView {
  readonly pot: Amount;
  /** undefined while no draw is due. */
  readonly drawAtMs: number | undefined;
  readonly eligibleCount: number;
  /** Newest first. */
  readonly past: readonly DrawView[];
}

/** What the node behind this page's origin says of the chain. Of it this device verifies past draws only. */
export interface ChainView {
  readonly height: number;
  /** Of the newest block, Unix milliseconds. */
  readonly timeMs: number;
  readonly seats: readonly ValidatorSeatView[];
  /** All coins that were ever made, and those that fees took back. */
  readonly minted: Amount;
  readonly burned: Amount;
  /** Whether the node finds that all outputs together are what was made (SU-3). */
  readonly doesSupplyAddUp: boolean;
  /** What a full node keeps of the chain on its disk, pruned; undefined where the node does not say. */
  readonly bytesStored: number | undefined;
  readonly award: AwardView;
}

/** Bytes of messages; what connections add around them is not counted. */
export interface DataUsed {
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface KeptDataUsed extends DataUsed {
  /** When counting began on this device. */
  readonly sinceMs: TimeMs;
}

/** One node, as this device stands with it. */
export interface NodeView {
  /** Empty where nobody says who runs it: other nodes have told of it. */
  readonly operator: string;
  /** Multiaddr it was reached at, else the first that is known of it. */
  readonly address: string | undefined;
  readonly state: "idle" | "connecting" | "connected";
  readonly transport: "websocket" | "webrtc" | "tcp" | undefined;
  /** Blocks come from this one. */
  readonly isDataSource: boolean;
  /** Why we hung up, if it was its fault. */
  readonly fault: "wrong_network" | "wrong_data" | undefined;
}

/** The nodes this device knows, and the data they have cost: since the engine started, and on this device in all. */
export interface NetworkView {
  readonly nodes: readonly NodeView[];
  readonly session: DataUsed;
  readonly total: KeptDataUsed;
  /** What is kept on this device of chain and wallet, before it is encrypted. */
  readonly bytesStored: number;
}

export type StakeHistoryAct = "stake" | "unstake" | "withdraw" | "payout" | "award";

export type PacketHistoryAct = "gift" | "gift_taken" | "gift_back" | "packet" | "packet_back" | "share" | "refund";

/** One line of history. Amounts are positive; the direction tells the sign. */
export interface HistoryRow {
  /**
   * Transaction id as hex; for coins that arrived, that of no transaction we know: `leaf:<n>`. What a node says is on
   * its way to us has `pool:<txid>` and state "sent"; it is in no balance, may vanish, and becomes a `leaf` once final.
   */
  readonly id: string;
  readonly direction: "in" | "out";
  readonly amount: Amount;
  readonly fee: Amount;
  readonly state: PaymentState;
  /** Why it failed: its time ran out and nothing has moved, or something else took one of its coins. */
  readonly failure?: "expired" | "conflict" | undefined;
  /** Unix milliseconds: the block's time once final, the device's before. */
  readonly timeMs: number;
  readonly height: number | undefined;
  /**
   * What it did with a stake of this wallet, or what the network paid for one: a share of the weekly payout, or the
   * award of a week. Or what it did with red packets: made a gift or a packet, took a gift by its link, took one back, got
   * a share, or what was left of a packet. Absent: somebody was paid.
   */
  readonly act?: StakeHistoryAct | PacketHistoryAct | undefined;
  /** A restored coin: it came at `timeMs` or before. */
  readonly isTimeBound?: boolean | undefined;
  readonly memo: string | undefined;
  /** What somebody on this device calls it; it is sent to nobody, and words bring it back to no other device. */
  readonly label?: string | undefined;
  readonly to: Address | undefined;
  /** The failed payment may be built again with one tap. */
  readonly canRetry: boolean;
}

/** queued: stored here · sent: a node took it · final: certified · failed: can never become final any more. */
export type PaymentState = "queued" | "sent" | "final" | "failed";

/** A payment chosen, not signed: everything the person should see before saying yes. */
export interface ProposalView {
  readonly proposalId: string;
  readonly to: Address;
  readonly amount: Amount;
  readonly fee: Amount;
  readonly memo: string | undefined;
  /** Usable right after, before change is back. */
  readonly usableAfter: Amount;
  /** Total after payment and fee. */
  readonly totalAfter: Amount;
}

/** One stake of this wallet, as far as the chain that it has verified says. */
export interface StakeView {
  /** Its number; undefined until it is on the chain. */
  readonly leaf: number | undefined;
  /** As hex, 96 digits; undefined until it is on the chain. */
  readonly validatorKey: string | undefined;
  /** What is left of it. */
  readonly amount: Amount;
  readonly status:
    | "staking" // stored here, not final yet
    | "bonded"
    | "unstaking" // asked for back, not final yet
    | "unbonding" // locked until `releaseMs`, which the end of an epoch fixes
    | "released" // can be withdrawn
    | "withdrawing"
    | "unclear"; // changed in a way that this wallet cannot follow: a restore reads it anew
  readonly releaseMs: number | undefined;
  /** Whether the key has a seat now. One that has none waits for its turn, has too little, or was silent for too long. */
  readonly isValidating: boolean;
}

/** What the network asks of a stake, by the parameters that every header names, and what stakes have brought. */
export interface StakingView {
  /** The least that can be locked at once. */
  readonly stakeMin: Amount;
  /** The least that a validator needs behind it in all, to have a seat. */
  readonly seatMin: Amount;
  /** How long a stake stays locked after it has left the validators, in milliseconds. */
  readonly unbondingMs: number;
  /** How often rewards are paid out, in milliseconds; about, since an epoch ends with a block. */
  readonly payoutMs: number;
  /** The share of a stake that is lost when its validator signs two things for one place: 0 to 1. */
  readonly slashShare: number;
  /** Paid to this wallet for its stakes so far, awards among it; of stakes withdrawn before a restore nothing is known. */
  readonly earned: Amount;
}

/** Where the validator of a stake stood at the end of the last epoch; proven by that block, told by nobody. */
export interface ValidatorStandingView {
  /** As in `StakeView`. */
  readonly validatorKey: string;
  readonly status:
    | "active" // has a seat
    | "waiting" // in good standing without one: it enters when an epoch ends, or has too little
    | "jailed" // was silent for too long: it votes and earns no more until it says that it is back; nothing is lost
    | "slashed" // signed two things for one place: its stakes lose a part when the next epoch ends
    | "removed"; // the same afterwards, for ever: its stakes can be asked back
  /** Of a jailed one, to the epoch: when it last voted, in Unix milliseconds. */
  readonly lastSignedMs: number | undefined;
  /** Earned by then, not yet paid, and this wallet's at the next payout; undefined: it is paid to somebody else. */
  readonly accrued: Amount | undefined;
  /** Time of the block that proves it. */
  readonly asOfMs: number;
}

/** What validators had earned for this wallet when the last epoch ended, and had not been paid; proven by that block. */
export interface AccruedView {
  readonly amount: Amount;
  /** As much of it as a payout in that block would have brought: a validator with less than 1 STG waits for more. */
  readonly due: Amount;
  /** About when the next payouts are, in Unix milliseconds. */
  readonly payoutMs: number;
  /** Time of the block that proves it. */
  readonly asOfMs: number;
}

/** What this device asks others to pay (AD-9). */
export interface RequestView {
  /** Means nothing outside this device. */
  readonly id: string;
  readonly createdMs: TimeMs;
  /** undefined: whatever the payer likes. */
  readonly amount: Amount | undefined;
  /** undefined: it never ends. */
  readonly expiresMs: TimeMs | undefined;
  readonly note: string | undefined;
  readonly reference: string | undefined;
  /** Final. */
  readonly received: Amount;
  /** What a node says is on its way; it may vanish. */
  readonly incoming: Amount;
  readonly isCancelled: boolean;
}

/** What somebody else asks for; the texts are theirs. It may have ended. */
export interface AskedView {
  readonly to: Address;
  readonly amount: Amount | undefined;
  readonly expiresMs: TimeMs | undefined;
  readonly note: string | undefined;
  readonly reference: string | undefined;
  /** The request of this device that it is. */
  readonly ownId: string | undefined;
}

/** What a payment proof says. */
export interface ProofView {
  readonly to: Address;
  readonly amount: Amount;
  /** Block that made the output, and the output's number. */
  readonly height: number;
  readonly leaf: number;
  /** Of that block, where the client knows it. */
  readonly timeMs?: TimeMs | undefined;
  /** As hex. */
  readonly outputHash: string;
}

/** What protects the wallet of this device, and what can bring it back elsewhere. */
export interface SafetyView {
  /** When the written words stood their check; undefined: never. */
  readonly wordsCheckedMs: TimeMs | undefined;
  /** When a saved backup file stood its check; undefined: never. */
  readonly kitCheckedMs: TimeMs | undefined;
  /** Opening the app asks for it. */
  readonly hasPin: boolean;
  /** Any of them opens the app too. */
  readonly passkeys: readonly PasskeyView[];
  /**
   * From which balances on, in µSTG, any way back, a backup file and the words are asked for. undefined before the network
   * is known.
   */
  readonly thresholds: readonly [Amount, Amount, Amount] | undefined;
}

/** What is shown of a wallet while it is being opened: what was last verified, and whoever shows it says "checking". */
export interface ShownView {
  readonly wallet: WalletView;
  readonly balance: BalanceView;
}

/** The wallet of this device. */
export interface WalletView {
  readonly exists: boolean;
  /** True once the person has seen the recovery words. */
  readonly wordsSeen: boolean;
  /** Made from words: payments sent before that are not known here. */
  readonly isRestored?: boolean | undefined;
  /** Set after the network was replaced by another one (a reset dev network): coins and history of the old one are set aside. */
  readonly notice?: "chain_replaced" | undefined;
}
