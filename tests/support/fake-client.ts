import type {
  AddressCheck,
  CheckpointResult,
  ClientApi,
  ConfirmResult,
  FaucetResult,
  LockedResult,
  MakeProofResult,
  MakeRequestResult,
  OfferResult,
  OpenOptions,
  OpenResult,
  ProofCheck,
  ProposeStakeResult,
  ReadRequestResult,
  RestoreBackupResult,
  RestoreResult,
  ValidatorsResult,
} from "../../src/api/client-api.ts";
import type { PacketCheckResult, PacketCheckView } from "../../src/api/packet-check.ts";
import type { ProposeResult } from "../../src/api/propose-result.ts";
import type { ClientEvent } from "../../src/api/events.ts";
import type {
  BlockResult,
  BlockView,
  LookupProgress,
  RecentView,
  SearchResult,
  TransactionView,
} from "../../src/api/explorer.ts";
import type { CheckKitResult } from "../../src/api/backup.ts";
import type {
  ClaimView,
  LookLinkResult,
  MadePacketView,
  PacketPictureResult,
  PacketProposalView,
  PacketTermsView,
  ProposePacketResult,
} from "../../src/api/packets.ts";
import type { AddPasskeyResult, ChangeLockResult, SetPinResult } from "../../src/api/lock.ts";
import type {
  AccruedView,
  ChainView,
  CheckpointView,
  HistoryRow,
  NetworkView,
  ProposalView,
  RequestView,
  StakeView,
  StakingView,
  ValidatorStandingView,
  SyncView,
  SafetyView,
  WalletView,
} from "../../src/api/views.ts";
import { type Address, formatAddress } from "../../src/core/values/address.ts";
import { amount, type Amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import {
  CLAIMS,
  fakeLink,
  fakePacket,
  fakePacketFragment,
  PACKET_SHARES,
  PACKET_TERMS,
  PACKETS,
} from "./fake-packets.ts";
import { fakeAsked, fakeFragment, REQUESTS } from "./fake-requests.ts";

const FEE = amount(22_000n);
const NO_GREETING = { count: undefined, expiryMs: undefined, greeting: undefined } as const;
const WORDS =
  `abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve
acid acoustic acquire across act action actor actress actual`.replace(/\s+/g, " ");

/** A well-formed address of the dev network; nobody holds it. */
export function fakeAddress(index: number): Address {
  return formatAddress(
    { spendKey: new Uint8Array(32).fill(index), viewKey: new Uint8Array(32).fill(index + 1) },
    "dev",
  );
}

const CHECKPOINT_WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow";

export const FAKE_CHECKPOINT: CheckpointView = {
  height: 9_870,
  timeMs: Date.UTC(2026, 4, 4, 9, 29),
  words: CHECKPOINT_WORDS,
  text: `9870 ${CHECKPOINT_WORDS}`,
};

export const LIVE: SyncView = {
  state: "live",
  height: 9_880,
  targetHeight: 9_880,
  network: "dev",
  isFinalityLate: false,
  problem: undefined,
};

export const NETWORK: NetworkView = {
  nodes: [
    {
      operator: "validator-1",
      address: "/ip4/127.0.0.1/tcp/4101/ws",
      state: "connected",
      transport: "websocket",
      isDataSource: true,
      fault: undefined,
    },
    {
      operator: "validator-2",
      address: "/dns6/a-host-with-a-name-too-long-for-a-phone.example/udp/4102/webrtc-direct/certhash/uEiAB",
      state: "connected",
      transport: "webrtc",
      isDataSource: false,
      fault: undefined,
    },
    {
      operator: "validator-3",
      address: undefined,
      state: "idle",
      transport: undefined,
      isDataSource: false,
      fault: "wrong_data",
    },
  ],
  session: { bytesReceived: 1_234_567, bytesSent: 45_678 },
  total: { bytesReceived: 98_765_432, bytesSent: 3_456_789, sinceMs: timeMs(Date.UTC(2026, 3, 30)) },
  bytesStored: 345_678,
};

export const CHAIN: ChainView = {
  height: 9_880,
  timeMs: Date.UTC(2026, 4, 4, 9, 30),
  seats: [
    { stake: amount(50_000_000_000n), onlineShare: 0.9987, missedProposals: 1, isJailed: false },
    { stake: amount(40_000_500_000n), onlineShare: 0.4, missedProposals: 212, isJailed: true },
  ],
  minted: amount(1_000_000_000_000_000n),
  burned: amount(1_234_567n),
  doesSupplyAddUp: true,
  bytesStored: 785_000_000,
  award: {
    pot: amount(4_321_000_000n),
    drawAtMs: Date.UTC(2026, 4, 6, 14, 0),
    eligibleCount: 1,
    past: [
      { week: 3, winner: "b0".repeat(48), amount: amount(9_000_000_000n), beaconHeight: 9_100, recheck: "ok" },
      { week: 2, winner: "b1".repeat(48), amount: amount(8_000_000_000n), beaconHeight: 6_000, recheck: "unchecked" },
      {
        week: 1,
        winner: "b2".repeat(48),
        amount: amount(7_000_000_000n),
        beaconHeight: 3_000,
        recheck: { code: "wrong_winner", rule: "AW-2" },
      },
    ],
  },
};

/** The last two minutes of {@link CHAIN}. */
export const RECENT: RecentView = {
  newest: {
    height: CHAIN.height,
    timeMs: timeMs(CHAIN.timeMs),
    pot: CHAIN.award.pot,
    minted: CHAIN.minted,
    burned: CHAIN.burned,
  },
  blocks: Array.from({ length: 60 }, (_, index) => ({
    height: CHAIN.height - 59 + index,
    timeMs: timeMs(CHAIN.timeMs - 2_000 * (59 - index)),
    transactionCount: [0, 0, 1, 3, 0, 2, 7, 1, 0, 4][(index * 7) % 10]!,
  })),
};

function fakeTransaction(change: Partial<TransactionView> & { readonly txid: string }): TransactionView {
  return {
    height: CHAIN.height,
    timeMs: timeMs(CHAIN.timeMs),
    kind: "transfer",
    fee: FEE,
    inputCount: 2,
    outputs: [{ type: "private" }, { type: "private" }],
    isVerified: true,
    raw: [
      { name: "txid", value: change.txid },
      { name: "fee", value: "22000" },
    ],
    ...change,
  };
}

/** With a transaction of each kind, and all that the network pays by itself. */
export const BLOCK: BlockView = {
  height: CHAIN.height,
  id: "0b".repeat(32),
  timeMs: timeMs(CHAIN.timeMs),
  transactions: [
    fakeTransaction({ txid: "a1".repeat(32) }),
    fakeTransaction({
      txid: "a2".repeat(32),
      outputs: [
        { type: "private" },
        { type: "public", amount: amount(66_000_000n), recipient: fakeAddress(3), reference: "ef".repeat(32) },
      ],
    }),
    fakeTransaction({
      txid: "a3".repeat(32),
      outputs: [
        { type: "private" },
        {
          type: "stake",
          amount: amount(5_000_000_000n),
          validatorKey: "b0".repeat(48),
          reward: fakeAddress(5),
        },
      ],
    }),
    fakeTransaction({ txid: "a4".repeat(32), kind: "unbond", inputCount: 0, outputs: [] }),
    fakeTransaction({ txid: "a5".repeat(32), kind: "unjail", inputCount: 0, outputs: [], fee: amount(0n) }),
  ],
  paid: [{ type: "public", amount: amount(9_000_000_000n), recipient: fakeAddress(9), reference: undefined }],
  evidenceCount: 1,
  isEpochEnd: true,
  isVerified: true,
  raw: [
    { name: "block_id", value: "0b".repeat(32) },
    { name: "height", value: String(CHAIN.height) },
  ],
};

export function fakeStake(change: Partial<StakeView>): StakeView {
  return {
    leaf: 1_204,
    validatorKey: "b0".repeat(48),
    amount: amount(5_000_000_000n),
    status: "bonded",
    releaseMs: undefined,
    isValidating: true,
    ...change,
  };
}

/** As on the main network. */
export const STAKING: StakingView = {
  stakeMin: amount(5_000_000_000n),
  seatMin: amount(50_000_000_000n),
  unbondingMs: 14 * 86_400_000,
  payoutMs: 7 * 86_400_000,
  slashShare: 0.05,
  earned: amount(123_456_789n),
};

/** Words that stood their check. */
export function fakeSafety(change: Partial<SafetyView>): SafetyView {
  return {
    wordsCheckedMs: timeMs(Date.UTC(2026, 4, 1)),
    kitCheckedMs: undefined,
    hasPin: false,
    passkeys: [],
    thresholds: [amount(20_000_000n), amount(500_000_000n), amount(5_000_000_000n)],
    ...change,
  };
}

/** One in each state. */
export const STAKES: readonly StakeView[] = [
  fakeStake({}),
  fakeStake({ leaf: 1_205, isValidating: false, amount: amount(100_000_001n) }),
  fakeStake({ leaf: 1_206, status: "unstaking" }),
  fakeStake({ leaf: 1_207, status: "unbonding" }),
  fakeStake({ leaf: 1_208, status: "unbonding", releaseMs: Date.UTC(2099, 0, 1) }),
  fakeStake({ leaf: 1_209, status: "released", releaseMs: Date.UTC(2026, 4, 4) }),
  fakeStake({ leaf: 1_210, status: "withdrawing", releaseMs: Date.UTC(2026, 4, 4) }),
  fakeStake({ leaf: 1_211, status: "unclear" }),
  fakeStake({ leaf: undefined, validatorKey: undefined, status: "staking", isValidating: false }),
  ...["b1", "b2", "b3", "b4"].map((byte, index) =>
    fakeStake({ leaf: 1_212 + index, validatorKey: byte.repeat(48), isValidating: false }),
  ),
];

/** Where the validators of these stood: one in each state. */
export const STANDINGS: readonly ValidatorStandingView[] = (
  ["active", "waiting", "jailed", "slashed", "removed"] as const
).map((status, index) => ({
  validatorKey: `b${index}`.repeat(48),
  status,
  lastSignedMs: status === "jailed" ? Date.UTC(2026, 4, 3) : undefined,
  accrued: status === "active" ? amount(45_600_000n) : status === "jailed" ? amount(999_999n) : undefined,
  asOfMs: Date.UTC(2026, 4, 4),
}));

/** What the first of them owes at the next payout, and what of the jailed one stays behind. */
export const ACCRUED: AccruedView = {
  amount: amount(46_599_999n),
  due: amount(45_600_000n),
  payoutMs: Date.UTC(2026, 4, 8),
  asOfMs: Date.UTC(2026, 4, 4),
};

export function fakeRow(change: Partial<HistoryRow> & { readonly id: string }): HistoryRow {
  return {
    direction: "out",
    amount: amount(12_500_000n),
    fee: FEE,
    state: "final",
    timeMs: Date.UTC(2026, 4, 4, 9, 30),
    height: 9_000,
    memo: undefined,
    to: fakeAddress(7),
    canRetry: false,
    ...change,
  };
}

/** A share of a packet that was drawn as it should be. */
export const CHECKED_PACKET: PacketCheckView = {
  total: { held: true, amount: amount(9_000_000n), shares: 5 },
  fixed: { held: true, madeAt: 9_120, firstClaimAt: 9_131 },
  placed: {
    held: true,
    draws: 3,
    own: { slot: 3, amount: amount(2_345_678n), claimedAt: 9_140, drawnAt: 9_142, beacon: "5c".repeat(32) },
  },
  items: ["packet_made", "shares_in_range", "slots_as_drawn", "history_whole"].map((check) => ({ check, held: true })),
  leaf: 4_711,
  madeIn: "8f".repeat(32),
};

/** What the fake answers next; tests overwrite single answers. A rejecting answer stands for a dead worker. */
export interface FakeAnswers {
  open: OpenResult | LockedResult;
  create: OpenResult;
  restore: RestoreResult;
  checkAddress: AddressCheck;
  propose: Extract<ProposeResult, { ok: false }> | "ok";
  stakes: readonly StakeView[];
  staking: StakingView | undefined;
  offer: OfferResult;
  proposeStake: Extract<ProposeStakeResult, { ok: false }> | "ok";
  validators: ValidatorsResult;
  confirm: ConfirmResult;
  makeProof: MakeProofResult;
  makeRequest: MakeRequestResult;
  requestFragment: string | undefined;
  readRequest: ReadRequestResult;
  requests: readonly RequestView[];
  lookLink: LookLinkResult;
  packetTerms: PacketTermsView | undefined;
  proposePacket: Extract<ProposePacketResult, { ok: false }> | "ok";
  made: readonly MadePacketView[];
  claims: readonly ClaimView[];
  packetFragment: string | undefined;
  packetShares: readonly Amount[] | undefined;
  packetPicture: PacketPictureResult;
  checkProof: ProofCheck;
  checkPacket: PacketCheckResult;
  network: NetworkView;
  backend: string | undefined;
  chain: ChainView | undefined;
  recent: RecentView;
  block: BlockResult;
  search: SearchResult;
  progress: LookupProgress | undefined;
  faucet: FaucetResult;
  checkpoint: CheckpointView | undefined;
  enterCheckpoint: CheckpointResult;
  safety: SafetyView;
  checkWords: boolean;
  setPin: SetPinResult;
  addPasskey: AddPasskeyResult;
  changeLock: ChangeLockResult;
  checkKit: CheckKitResult;
  restoreBackup: RestoreBackupResult;
}

/** A client in the page, whose state is only what a test says: every view arrives by {@link emit}. */
export class FakeClient implements ClientApi {
  readonly answers: FakeAnswers;
  /** Every call with its arguments, oldest first. */
  readonly calls: { readonly name: string; readonly argument?: unknown }[] = [];
  /** Names of methods that reject. */
  readonly broken = new Set<string>();
  /** Names of methods that never answer, as those of a worker that has ended. */
  readonly silent = new Set<string>();
  #wallet: WalletView;
  #listener: ((event: ClientEvent) => void) | undefined;
  #first: readonly ClientEvent[] = [];
  /** What was told last. */
  #history: readonly HistoryRow[] = [];
  #addressIndex = 1;
  /** What a yes to a proposal does, beside being answered. */
  readonly #acts = new Map<string, (txid: string) => void>();

  constructor(wallet: WalletView = { exists: true, wordsSeen: true }) {
    this.#wallet = wallet;
    this.answers = {
      open: { ok: true, wallet },
      create: { ok: true, wallet: { exists: true, wordsSeen: false } },
      restore: { ok: true, wallet: { exists: true, wordsSeen: true } },
      checkAddress: { ok: true },
      propose: "ok",
      stakes: STAKES,
      staking: STAKING,
      offer: { ok: true, offer: `dstgoffer1${"q".repeat(240)}` },
      proposeStake: "ok",
      validators: { ok: true, validators: STANDINGS, accrued: ACCRUED },
      confirm: { ok: true, txid: "f0".repeat(32) },
      makeProof: { ok: true, text: "dstgproof1fake" },
      makeRequest: { ok: true, id: "a0".repeat(16) },
      requestFragment: fakeFragment(),
      readRequest: { ok: true, request: fakeAsked() },
      requests: REQUESTS,
      lookLink: { ok: true, link: fakeLink() },
      packetTerms: PACKET_TERMS,
      proposePacket: "ok",
      made: PACKETS,
      claims: CLAIMS,
      packetFragment: fakePacketFragment(),
      packetShares: PACKET_SHARES,
      packetPicture: { ok: false, code: "none" },
      checkProof: { ok: false, code: "not_a_proof" },
      checkPacket: { ok: true, view: CHECKED_PACKET },
      network: NETWORK,
      backend: "wasm fma",
      chain: CHAIN,
      recent: RECENT,
      block: { ok: true, block: BLOCK },
      search: { ok: true, hits: [], from: 8_960, to: 9_880, problem: undefined },
      progress: undefined,
      faucet: { ok: true },
      checkpoint: FAKE_CHECKPOINT,
      enterCheckpoint: { ok: true },
      safety: fakeSafety(wallet.wordsSeen ? {} : { wordsCheckedMs: undefined }),
      checkWords: true,
      setPin: { ok: true },
      addPasskey: { ok: true },
      changeLock: { ok: true },
      checkKit: { ok: true },
      restoreBackup: { ok: true, wallet: { exists: true, wordsSeen: false } },
    };
  }

  /** What a listener hears at once when it subscribes. */
  begin(...events: readonly ClientEvent[]): void {
    this.#first = events;
  }

  /** From here on there is none, whatever was opened before. */
  forgetWallet(): void {
    this.#wallet = { exists: false, wordsSeen: false };
  }

  /** Another tab has made one. */
  findWallet(): void {
    this.#wallet = { exists: true, wordsSeen: true };
  }

  emit(...events: readonly ClientEvent[]): void {
    for (const event of events) {
      if (event.type === "history-changed") this.#history = event.history;
      this.#listener?.(event);
    }
  }

  async open(options?: OpenOptions): Promise<OpenResult | LockedResult> {
    await this.#called("open", options);
    return this.answers.open;
  }

  async subscribe(listener: (event: ClientEvent) => void): Promise<void> {
    await this.#called("subscribe");
    this.#listener = listener;
    this.emit({ type: "wallet-changed", wallet: this.#wallet }, ...this.#first);
  }

  readonly accounts: ClientApi["accounts"] = {
    create: async () => {
      await this.#called("create");
      return this.answers.create;
    },
    prepareRestore: async () => this.#called("prepareRestore"),
    restore: async (request) => {
      await this.#called("restore", request);
      return this.answers.restore;
    },
    restoreBackup: async (request) => {
      await this.#called("restoreBackup", request);
      return this.answers.restoreBackup;
    },
    address: async ({ fresh }) => {
      await this.#called("address", fresh);
      if (fresh) this.#addressIndex += 1;
      return fakeAddress(this.#addressIndex);
    },
    recoveryWords: async () => {
      await this.#called("recoveryWords");
      this.#wallet = { ...this.#wallet, wordsSeen: true };
      this.emit({ type: "wallet-changed", wallet: this.#wallet });
      return WORDS;
    },
    erase: async () => this.#called("erase"),
  };

  readonly safety: ClientApi["safety"] = {
    view: async () => {
      await this.#called("safety");
      return this.answers.safety;
    },
    checkWords: async (entries) => {
      await this.#called("checkWords", entries);
      if (!this.answers.checkWords) return false;
      this.answers.safety = { ...this.answers.safety, wordsCheckedMs: timeMs(Date.UTC(2026, 4, 4)) };
      return true;
    },
    setPin: async (pin) => {
      await this.#called("setPin", pin);
      if (this.answers.setPin.ok) this.answers.safety = { ...this.answers.safety, hasPin: true };
      return this.answers.setPin;
    },
    removePin: async () => {
      await this.#called("removePin");
      if (this.answers.changeLock.ok) this.answers.safety = { ...this.answers.safety, hasPin: false };
      return this.answers.changeLock;
    },
    sealForPasskey: async (prf) => {
      await this.#called("sealForPasskey", prf);
      return new Uint8Array(77);
    },
    addPasskey: async (passkey) => {
      await this.#called("addPasskey", passkey);
      const { safety } = this.answers;
      const added = { ...passkey, addedMs: Date.UTC(2026, 4, 4) };
      if (this.answers.addPasskey.ok) this.answers.safety = { ...safety, passkeys: [...safety.passkeys, added] };
      return this.answers.addPasskey;
    },
    removePasskey: async (credentialId) => {
      await this.#called("removePasskey", credentialId);
      if (this.answers.changeLock.ok) this.answers.safety = { ...this.answers.safety, passkeys: [] };
      return this.answers.changeLock;
    },
    makeKit: async (request) => {
      await this.#called("makeKit", request.code);
      return request.picture;
    },
    checkKit: async (request) => {
      await this.#called("checkKit", request);
      const kitCheckedMs = timeMs(Date.UTC(2026, 4, 4));
      if (this.answers.checkKit.ok) this.answers.safety = { ...this.answers.safety, kitCheckedMs };
      return this.answers.checkKit;
    },
    lock: () => this.#called("lock"),
  };

  readonly payments: ClientApi["payments"] = {
    checkAddress: async (text) => {
      await this.#called("checkAddress", text);
      return this.answers.checkAddress;
    },
    propose: async (request) => {
      await this.#called("propose", request);
      return this.#propose(request.to as Address, request.amount, request.memo);
    },
    confirm: async (proposalId) => {
      await this.#called("confirm", proposalId);
      const { confirm } = this.answers;
      // What it does is done once, however often it is asked for.
      if (confirm.ok) this.#acts.get(proposalId)?.(confirm.txid);
      this.#acts.delete(proposalId);
      return confirm;
    },
    retry: async (txid) => {
      await this.#called("retry", txid);
      return this.#propose(fakeAddress(7), amount(12_500_000n), "");
    },
    label: async (id, text) => {
      await this.#called("label", [id, text]);
      const label = text === "" ? undefined : text;
      const history = this.#history.map((row) => (row.id === id ? { ...row, label } : row));
      this.emit({ type: "history-changed", history });
    },
  };

  readonly requests: ClientApi["requests"] = {
    make: async (terms) => {
      await this.#called("makeRequest", terms);
      return this.answers.makeRequest;
    },
    fragment: async (id) => {
      await this.#called("requestFragment", id);
      return this.answers.requestFragment;
    },
    cancel: async (id) => {
      await this.#called("cancelRequest", id);
      this.answers.requests = this.answers.requests.map((request) => {
        return request.id === id ? { ...request, isCancelled: true } : request;
      });
    },
    read: async (text) => {
      await this.#called("readRequest", text);
      return this.answers.readRequest;
    },
  };

  readonly packets: ClientApi["packets"] = {
    look: async (link) => {
      await this.#called("lookLink", link);
      return this.answers.lookLink;
    },
    prepare: () => Promise.resolve(),
    open: () => Promise.resolve({ ok: false, code: "offline" }),
    opening: () => Promise.resolve(undefined),
    claims: async () => {
      await this.#called("claims");
      return this.answers.claims;
    },
    terms: async () => {
      await this.#called("packetTerms");
      return this.answers.packetTerms;
    },
    propose: async (draft) => {
      await this.#called("proposePacket", draft);
      const { total, greeting, count, password } = draft;
      const view = { amount: total, greeting, count, hasPassword: password !== "" };
      const made = { expiryMs: timeMs(Date.UTC(2099, 0, 1)), claimFees: amount(10_000n * BigInt(count)) };
      return this.#proposePacket(total, (txid) => this.#make(txid, view), made);
    },
    proposeGift: async (sum) => {
      await this.#called("proposeGift", sum);
      return this.#proposePacket(sum, (txid) => this.#make(txid, { amount: sum, kind: "gift", ...NO_GREETING }));
    },
    proposeBack: async (id) => {
      await this.#called("proposeBack", id);
      return this.#proposePacket(0n, () => {
        this.answers.made = this.answers.made.map((view) => (view.id === id ? { ...view, state: "closing" } : view));
      });
    },
    made: async () => {
      await this.#called("made");
      return this.answers.made;
    },
    fragment: async (id) => {
      await this.#called("packetFragment", id);
      return this.answers.packetFragment;
    },
    shares: async (id) => {
      await this.#called("packetShares", id);
      return this.answers.packetShares;
    },
    picture: async (idOrLink) => {
      await this.#called("packetPicture", idOrLink);
      return this.answers.packetPicture;
    },
    check: async (id) => {
      await this.#called("checkPacket", id);
      return this.answers.checkPacket;
    },
    checking: () => Promise.resolve(this.answers.progress),
  };

  readonly stakes: ClientApi["stakes"] = {
    offer: async (validatorKey) => {
      await this.#called("offer", validatorKey);
      return this.answers.offer;
    },
    propose: async (request) => {
      await this.#called("proposeStake", request);
      return this.#proposeStake(request.amount);
    },
    proposeUnstake: async (leaf) => {
      await this.#called("proposeUnstake", leaf);
      return this.#proposeStake(0n);
    },
    proposeWithdrawal: async (leaf) => {
      await this.#called("proposeWithdrawal", leaf);
      return this.#proposeStake(4_999_978_000n);
    },
    validators: async () => {
      await this.#called("validators");
      return this.answers.validators;
    },
  };

  readonly proofs: ClientApi["proofs"] = {
    make: async (txid) => {
      await this.#called("makeProof", txid);
      return this.answers.makeProof;
    },
    check: async (text) => {
      await this.#called("checkProof", text);
      return this.answers.checkProof;
    },
  };

  readonly explorer: ClientApi["explorer"] = {
    recent: async () => {
      await this.#called("recent");
      return this.answers.recent;
    },
    block: async (height) => {
      await this.#called("block", height);
      return this.answers.block;
    },
    search: async (text, further) => {
      await this.#called("search", { text, further });
      return this.answers.search;
    },
    progress: () => Promise.resolve(this.answers.progress),
  };

  readonly network: ClientApi["network"] = {
    checkpoint: async () => {
      await this.#called("checkpoint");
      return this.answers.checkpoint;
    },
    enterCheckpoint: async (text) => {
      await this.#called("enterCheckpoint", text);
      return this.answers.enterCheckpoint;
    },
    foreground: (isForeground) => this.#called("foreground", isForeground),
  };

  readonly views: ClientApi["views"] = {
    sync: () => Promise.resolve(LIVE),
    balance: () => Promise.resolve(undefined),
    history: () => Promise.resolve([]),
    requests: async () => {
      await this.#called("requests");
      return this.answers.requests;
    },
    stakes: async () => {
      await this.#called("stakes");
      return this.answers.stakes;
    },
    staking: async () => {
      await this.#called("staking");
      return this.answers.staking;
    },
    restore: () => Promise.resolve(undefined),
    network: async () => {
      await this.#called("network");
      return this.answers.network;
    },
    backend: async () => {
      await this.#called("backend");
      return this.answers.backend;
    },
    chain: async () => {
      await this.#called("chain");
      return this.answers.chain;
    },
  };

  readonly faucet: ClientApi["faucet"] = {
    request: async () => {
      await this.#called("faucet");
      return this.answers.faucet;
    },
  };

  #make(txid: string, view: Partial<MadePacketView>): void {
    const made = fakePacket({ id: "ab".repeat(16), txid, state: "paying", ...view });
    this.answers.made = [made, ...this.answers.made];
  }

  #proposePacket(
    sum: bigint,
    act: (txid: string) => void,
    more: Partial<PacketProposalView> = {},
  ): ProposePacketResult {
    if (this.answers.proposePacket !== "ok") return this.answers.proposePacket;
    const proposal = this.#proposal(fakeAddress(1), sum, "");
    this.#acts.set(proposal.proposalId, act);
    return { ok: true, proposal: { ...proposal, ...more } };
  }

  #proposeStake(sum: bigint): ProposeStakeResult {
    if (this.answers.proposeStake !== "ok") return this.answers.proposeStake;
    return { ok: true, proposal: this.#proposal(fakeAddress(1), sum, "") };
  }

  #propose(to: Address, sum: bigint, memo: string): ProposeResult {
    if (this.answers.propose !== "ok") return this.answers.propose;
    return { ok: true, proposal: this.#proposal(to, sum, memo) };
  }

  #proposal(to: Address, sum: bigint, memo: string): ProposalView {
    return {
      proposalId: `proposal ${this.calls.length}`,
      to,
      amount: amount(sum),
      fee: FEE,
      memo: memo === "" ? undefined : memo,
      usableAfter: amount(500_000_000n),
      totalAfter: amount(987_478_000n),
    };
  }

  /** Answers come later, as through a port. */
  async #called(name: string, argument?: unknown): Promise<void> {
    this.calls.push(argument === undefined ? { name } : { name, argument });
    await (this.silent.has(name) ? new Promise(() => undefined) : Promise.resolve());
    if (this.broken.has(name)) throw new Error(`${name} is broken`);
  }
}
