import type { AddressParseCode } from "../core/values/address.ts";
import type { Amount } from "../core/values/amount.ts";
import type { TimeMs } from "../core/values/height.ts";
import type { RequestParseCode } from "../core/values/payment-request.ts";
import type { BackupFault, BackupRequest, CheckKitResult, KitRequest } from "./backup.ts";
import type { ClientEvent } from "./events.ts";
import type { PacketsApi } from "./packets-api.ts";
import type { ProposeResult } from "./propose-result.ts";
import type { BlockResult, LookupProgress, RecentView, SearchResult } from "./explorer.ts";
import type { AddPasskeyResult, ChangeLockResult, LockView, NewPasskey, SetPinResult, Unlock } from "./lock.ts";
import type {
  AskedView,
  AccruedView,
  BalanceView,
  ChainView,
  HistoryRow,
  NetworkView,
  ProofView,
  RequestView,
  RestoreView,
  SafetyView,
  StakeView,
  StakingView,
  SyncView,
  ValidatorStandingView,
  WalletView,
  CheckpointView,
} from "./views.ts";

/** Why the engine could not open. Each has its own words and its own way on. */
export type OpenCode =
  | "storage_denied" // the browser forbids storage: private mode, or cookies blocked
  | "storage_full"
  | "storage_newer" // a newer version of the app has upgraded the database
  | "storage_broken" // what is stored cannot be read any more: the recovery words are the way on
  | "open_elsewhere" // another tab holds the engine and keeps it
  | "no_crypto"; // the browser lacks what the keys need

export type OpenResult =
  { readonly ok: true; readonly wallet: WalletView } | { readonly ok: false; readonly code: OpenCode };

/** A wallet is here, and its owner has to open it: `open` is called again with what they have. */
export interface LockedResult {
  readonly ok: false;
  readonly code: "locked";
  readonly lock: LockView;
}

export type RestoreResult = OpenResult | { readonly ok: false; readonly code: "words_invalid" | "wallet_exists" };

export type RestoreBackupResult = OpenResult | { readonly ok: false; readonly code: BackupFault | "wallet_exists" };

/** What the page's address asks for, e.g. `?backend=noble`; the client heeds it on a dev network only. */
export interface OpenOptions {
  /** What is stored and cannot be read is removed first: a person with the recovery words has asked for it. */
  readonly discardBroken?: boolean;
  readonly unlock?: Unlock;
  /** A locked wallet is removed first: a person who cannot open it, and has another way back, has asked for it. */
  readonly discardLocked?: boolean;
  readonly backend?: "noble" | "scalar" | "simd" | "fma";
  /** Nobody is to be shown first what is stored: all that a connection needs is loaded at once, as behind a tap. */
  readonly isHurried?: boolean;
}

export type OfferResult =
  | { readonly ok: true; readonly offer: string }
  | { readonly ok: false; readonly code: "validator_key_invalid" | "not_ready" };

export type ProposeStakeResult =
  | ProposeResult
  /** `minimum` in µSTG. */
  | { readonly ok: false; readonly code: "stake_too_small"; readonly minimum: Amount }
  | {
      readonly ok: false;
      readonly code:
        | "acceptance_invalid" // no such text, or not signed by the key that it names
        | "acceptance_foreign" // to an offer of another wallet, or on another network
        | "acceptance_used" // each offer is for one stake
        | "unknown_stake"
        | "already_unbonding"
        | "not_released"
        | "stake_busy" // a transaction about it is on its way
        | "stake_unclear" // see `StakeView`
        | "stake_below_fee";
    };

export type ValidatorsResult =
  | {
      readonly ok: true;
      /** Also of stakes that are withdrawn, while something is owed for them. */
      readonly validators: readonly ValidatorStandingView[];
      /** Of all of them together; undefined for a wallet without stakes, present or past. */
      readonly accrued: AccruedView | undefined;
    }
  /** not_ready: the chain is not known yet, or too old to be believed · offline: nobody could be asked who has it. */
  | { readonly ok: false; readonly code: "not_ready" | "offline" };

export type ConfirmResult =
  | { readonly ok: true; readonly txid: string }
  /**
   * build_failed: it came out wrong by our own check, or its worker died. pictures_waiting: so many are on their way to
   * nodes that the picture of this packet is not taken. picture_not_stored: the device has no room for it. Nothing is stored
   * then, no coin is touched.
   */
  | {
      readonly ok: false;
      readonly code:
        | "proposal_expired"
        | "funds_changed"
        | "storage_failed"
        | "build_failed"
        | "pictures_waiting"
        | "picture_not_stored";
    };

export type AddressCheck =
  { readonly ok: true } | { readonly ok: false; readonly code: AddressParseCode | "bad_points" | "not_ready" };

export type FaucetResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: "not_a_dev_network" | "too_soon" | "unreachable" | "refused" };

export type MakeRequestResult =
  | { readonly ok: true; readonly id: string }
  | {
      readonly ok: false;
      readonly code:
        | "amount_zero"
        | "note_too_long" // with the reference: REQUEST_TEXT_BYTES_MAX
        | "already_over"
        | "too_many_open" // each holds an address that a restore must find
        | "not_ready";
    };

export type ReadRequestResult =
  | { readonly ok: true; readonly request: AskedView }
  | {
      readonly ok: false;
      readonly code:
        | RequestParseCode
        | "wrong_network"
        | "bad_points" // nobody can hold its address
        | "not_ready"; // the network is not known yet
    };

export type MakeProofResult =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly code:
        | "unknown_payment" // not made by this device: the recovery words alone cannot prove it (PP-3)
        | "not_final"
        | "proof_lost"; // became final before the app kept what a proof needs
    };

/** The answer to a payment proof. Only `ok` says that the coins were paid. */
export type ProofCheck =
  | { readonly ok: true; readonly proof: ProofView }
  | {
      readonly ok: false;
      readonly code:
        | "not_a_proof" // no text of ours, or a damaged one
        | "wrong_network"
        | "does_not_pay" // forged: no such output pays this amount to this address
        | "not_on_chain"; // of an output that never became final
    }
  /**
   * Right in itself, but nobody could say whether its output is on the chain. `too_old`: it was spent too long ago.
   * `checkpoint_too_old`: this device knows of no block to compare answers with. `fork`: it has stopped over a fork.
   */
  | {
      readonly ok: false;
      readonly code: "unchecked";
      readonly reason: "offline" | "too_old" | "checkpoint_too_old" | "fork";
      readonly proof: ProofView;
    };

/** One of the 24 words as a person entered it; `index` from 0. */
export interface WordEntry {
  readonly index: number;
  readonly word: string;
}

/** Why a checkpoint is not taken. Until it is, nothing changes. */
export type CheckpointCode =
  | "empty"
  | "too_long"
  | "no_height" // it begins with the height in digits
  | "unknown_word"
  | "bad_count" // 12 words
  | "bad_checksum"
  | "not_ready" // the network is not known yet, or the client has stopped
  | "no_node" // nobody could be asked
  | "not_found" // nodes have another block there, or none: mistyped, or of another chain
  | "other_chain" // this device has verified another block there
  | "already_newer" // this device is past it and needs none
  | "not_a_boundary" // no checkpoint that a device shows
  | "too_old";

export type CheckpointResult =
  | { readonly ok: true }
  /** `index`: which word, from 0, for unknown_word. */
  | { readonly ok: false; readonly code: CheckpointCode; readonly index?: number };

/** What crosses the port between page and client worker: plain views, bigints and result unions, never errors. */
export interface ClientApi {
  /** Opens storage under the engine lock. Called first, and only where the wallet is locked more than once. */
  open(options?: OpenOptions): Promise<OpenResult | LockedResult>;
  /** Registers the page's listener (a comlink proxy); it is called with a full set of current views at once. */
  subscribe(listener: (event: ClientEvent) => void): Promise<void>;
  readonly accounts: {
    /** Makes a wallet from fresh randomness and stores it before it answers. A second call returns the same wallet. */
    create(): Promise<OpenResult>;
    /** Somebody has words and is about to restore: what takes a moment to start is started. */
    prepareRestore(): Promise<void>;
    /**
     * Makes a wallet from 24 words, any spacing and case, stores it before it answers and begins to look for its coins
     * (`views.restore`). Nothing made before the birthday is looked at; without one all outputs are.
     */
    restore(request: { readonly words: string; readonly birthdayMs?: TimeMs }): Promise<RestoreResult>;
    /** The same from a backup. A passkey that brought the wallet back opens it from now on. */
    restoreBackup(request: BackupRequest): Promise<RestoreBackupResult>;
    /** The address shown now; `fresh` moves on to the next unused subaddress first (AD-7). */
    address(options: { readonly fresh: boolean }): Promise<string>;
    /** The 24 words. Marks them as seen. */
    recoveryWords(): Promise<string>;
    /** Deletes wallet and chain data of this device. */
    erase(): Promise<void>;
  };
  /** What keeps the wallet safe. Rejects without one. */
  readonly safety: {
    view(): Promise<SafetyView>;
    /** Whether these words stand at their places, in any case. From four right ones on, the words count as written down. */
    checkWords(entries: readonly WordEntry[]): Promise<boolean>;
    /** From now on this PIN opens the wallet, also in the place of an older one. A refusal changes nothing. */
    setPin(pin: string): Promise<SetPinResult>;
    /** Without another way in, whoever has the device opens the wallet from now on. */
    removePin(): Promise<ChangeLockResult>;
    /** The seed, sealed for a passkey by its 32 bytes: what the passkey is to hold, so that it brings the wallet back. */
    sealForPasskey(prf: Uint8Array): Promise<Uint8Array>;
    /** From now on this passkey opens the wallet. */
    addPasskey(passkey: NewPasskey): Promise<AddPasskeyResult>;
    /** Without another way in, whoever has the device opens the wallet from now on. */
    removePasskey(credentialId: Uint8Array): Promise<ChangeLockResult>;
    /** A backup file: the PNG `picture` with the sealed wallet inside. `code` is one of `formatKitCode`. */
    makeKit(request: { readonly picture: Uint8Array; readonly code: string }): Promise<Uint8Array>;
    /** Whether a saved file brings this wallet back. From the first time on it counts. */
    checkKit(request: KitRequest): Promise<CheckKitResult>;
    /** Finishes the write in progress, wipes the keys and ends the engine: nothing else answers any more. */
    lock(): Promise<void>;
  };
  readonly payments: {
    /** Full check of AD-3, points included. */
    checkAddress(text: string): Promise<AddressCheck>;
    propose(request: { readonly to: string; readonly amount: Amount; readonly memo: string }): Promise<ProposeResult>;
    /** Locks the coins and stores the payment; from here a reload resumes it. */
    confirm(proposalId: string): Promise<ConfirmResult>;
    /** Builds a failed payment again: same recipient, amount and memo. */
    retry(txid: string): Promise<ProposeResult>;
    /**
     * Calls a line of the history so, by its id, once it is stored; the text is cut to what a label holds, and an empty one
     * takes the label off. Nothing happens to what is only on its way here.
     */
    label(id: string, text: string): Promise<void>;
  };
  readonly requests: {
    /**
     * Asks to be paid, at an address of its own, and stores that before it answers. Without an amount anything will do;
     * texts are cleaned of what a link cannot carry, empty ones say nothing.
     */
    make(terms: {
      readonly amount?: Amount | undefined;
      readonly expiresMs?: number | undefined;
      readonly note?: string | undefined;
      readonly reference?: string | undefined;
    }): Promise<MakeRequestResult>;
    /** What stands behind `/p#` in the link to a request of this device; undefined: it has no such. */
    fragment(id: string): Promise<string | undefined>;
    /** It is asked no more. Links are out of reach: what still comes counts. */
    cancel(id: string): Promise<void>;
    /** What a link asks for, also amid a message, its address checked in full (AD-3). Works without a wallet. */
    read(text: string): Promise<ReadRequestResult>;
  };
  /** Each proposal is confirmed by `payments.confirm`. A wallet that only sees is never ready. */
  readonly stakes: {
    /**
     * What a validator, named by its key as hex, has to accept before coins can be locked for it: one line of text. Its
     * key never comes here, and the keys of this wallet never go there.
     */
    offer(validatorKey: string): Promise<OfferResult>;
    /** `acceptance`: the validator's answer to an offer. */
    propose(request: { readonly amount: Amount; readonly acceptance: string }): Promise<ProposeStakeResult>;
    /** The fee is taken from the stake. */
    proposeUnstake(leaf: number): Promise<ProposeStakeResult>;
    proposeWithdrawal(leaf: number): Promise<ProposeStakeResult>;
    /**
     * Where the validators of this wallet's stakes stand, one for each key, and what they owe it. A node is asked for the
     * records of all validators, over a connection of its own, at most once in an epoch: that takes seconds, else it is
     * known at once. For a wallet that knows of no stake, withdrawn ones among them, nobody is asked.
     */
    validators(): Promise<ValidatorsResult>;
  };
  readonly packets: PacketsApi;
  readonly proofs: {
    /** A receipt for a final payment of this device, by its txid, as one line of text: whoever has it can check it. */
    make(txid: string): Promise<MakeProofResult>;
    /** Checks such a text, also without a wallet. May ask nodes, so it takes seconds. */
    check(text: string): Promise<ProofCheck>;
  };
  readonly network: {
    /** The newest block that another device may begin at; undefined before there is one. */
    checkpoint(): Promise<CheckpointView | undefined>;
    /** A checkpoint that a person got from somebody they trust: nodes are asked for it, which takes seconds. */
    enterCheckpoint(text: string): Promise<CheckpointResult>;
    /** Whether a person may be looking: what is on its way to them is read only then (NW-13). */
    foreground(isForeground: boolean): Promise<void>;
  };
  readonly explorer: {
    /**
     * The newest blocks, as this device has verified them. What it does not have yet is asked for meanwhile, over a
     * connection of its own, in a question that is the same for everybody who stands at this height.
     */
    recent(): Promise<RecentView>;
    /**
     * A block by its height, read with 255 others around it and as many elsewhere, over connections of its own: no node
     * learns which was meant (NW-20). What was read stays in memory and is looked at without asking anybody.
     */
    block(height: number): Promise<BlockResult>;
    /**
     * Public payments to an address, a block by height or id, a transaction by id. The text is compared on this device
     * with the newest 1,024 blocks, which are read whatever it says; `further` n looks through the n-th 1,024 below.
     */
    search(text: string, further: number): Promise<SearchResult>;
    /** Changes often and is told by no event. undefined while nothing is read. */
    progress(): Promise<LookupProgress | undefined>;
  };
  readonly views: {
    sync(): Promise<SyncView>;
    balance(): Promise<BalanceView | undefined>;
    /** Newest first. */
    history(): Promise<readonly HistoryRow[]>;
    /** Newest first. Changed by `requests`, and told with `history`. */
    requests(): Promise<readonly RequestView[]>;
    /** Oldest first, those not on the chain yet last; withdrawn ones are gone. Told with `balance`. */
    stakes(): Promise<readonly StakeView[]>;
    /** undefined before the network is known. `earned` is told with `history`. */
    staking(): Promise<StakingView | undefined>;
    /** undefined when no restore is running. */
    restore(): Promise<RestoreView | undefined>;
    /** Changes often and is told by no event: whoever looks asks again. */
    network(): Promise<NetworkView>;
    /**
     * Name of the curve backend that scans and makes payments here, such as `wasm fma` or `noble`. A worker is started
     * to be asked. undefined: nobody can tell yet, so whoever looks asks again.
     */
    backend(): Promise<string | undefined>;
    /**
     * What the node behind the page says of the chain as a whole. The question is the same whoever asks, so it says
     * nothing of a wallet. undefined: there is no answer that can be read.
     */
    chain(): Promise<ChainView | undefined>;
  };
  /** Dev network only. */
  readonly faucet: { request(): Promise<FaucetResult> };
}
