import { tryDecode } from "../core/bytes/decode-error.ts";
import { equalBytes } from "../core/bytes/compare-bytes.ts";
import { decodeTransaction } from "../core/chain/transaction.ts";
import type { CurveBackend } from "../core/crypto/backend/curve-backend.ts";
import type { FullNodeEvent, TransactionVerdict } from "../core/machines/full-node-events.ts";
import type { FullNodeState } from "../core/machines/full-node-state.ts";
import { BLOCKS_MISSED_MAX } from "../core/machines/return-from-jail.ts";
import type { BlobStore } from "../core/ports/blob-store.ts";
import type { FullNodeStore } from "../core/ports/full-node-store.ts";
import type { NetworkPort } from "../core/ports/network-port.ts";
import { accountOf } from "../core/state/aux-records.ts";
import { keyStanding } from "../core/state/key-standing.ts";
import { nextEpoch, type LedgerTip } from "../core/state/ledger-tip.ts";
import type { Stake } from "../core/state/stakes.ts";
import { buildLeafProof, encodeLeafProof } from "../core/state/tree-proof.ts";
import { treeSource } from "../core/state/tree.ts";
import { amount, type Amount } from "../core/values/amount.ts";
import type { Height, TimeMs } from "../core/values/height.ts";
import { TX_WAITING_MAX } from "../wire/limits.ts";
import { awardView } from "./award-view.ts";
import type { FinalityTimes } from "./finality-times.ts";
import { Holdings } from "./holdings.ts";
import { readAtTip } from "./network/read-at-tip.ts";
import type { Replies } from "./replies.ts";
import type { FullNodeOptions, NodeView, SubmitResult, ValidatorKeyView, ValidatorView } from "./rpc/node-view.ts";
import type { StoreSizes } from "./storage/store-sizes.ts";
import { SupplyCheck } from "./supply-check.ts";

/** What the view is made of. */
export interface NodeViewParts {
  readonly options: FullNodeOptions;
  readonly finality: FinalityTimes;
  readonly store: FullNodeStore;
  readonly curve: CurveBackend;
  readonly host: NetworkPort;
  readonly blobs: Pick<BlobStore, "holdings">;
  readonly replies: Replies;
  readonly post: (event: FullNodeEvent) => void;
  readonly sizes: () => Promise<StoreSizes>;
  readonly now: () => TimeMs;
  readonly onBlock: (listener: (height: Height) => void) => () => void;
  readonly onMempool: (listener: () => void) => () => void;
  readonly state: () => FullNodeState;
}

/** A running node as JSON-RPC, metrics and the faucet see it. */
export function createNodeView(parts: NodeViewParts): NodeView {
  const { options, store, host, state } = parts;
  const { chain } = state().tip;
  const supply = new SupplyCheck(store, parts.curve, () => state().tip.header);
  const holdings = new Holdings(parts.sizes, parts.now);
  let waitingCount = 0;
  return {
    chainId: chain.chainId,
    genesisHash: chain.genesisHash,
    genesis: options.genesis,
    store,
    status() {
      const { header, blockId, chain } = state().tip;
      // A height is a mere claim of a peer: it counts only where our own newest block is late as well.
      const isBehind = [...state().peers.values()].some((shown) => shown > header.height + 1);
      const isLate = parts.now() > header.time + BLOCKS_MISSED_MAX * chain.params.emptyBlockMs;
      return { height: header.height, time: header.time, blockId, isSyncing: isBehind && isLate };
    },
    checkpoint: () => ({ ...state().boundary, feeMultiplier: state().tip.aux.epoch.multiplier }),
    addresses: () => host.addresses(),
    peers: () => host.peers().length,
    mempool: () => ({ count: state().mempool.entries.size, bytes: state().mempool.bytes }),
    blobs: () => parts.blobs.holdings(),
    onMempool: (listener) => parts.onMempool(listener),
    validators: () => validatorViews(state()),
    validatorKey: (blsKey) => validatorKeyView(state().tip, blsKey),
    ownStanding: () => state().standing,
    award: () => awardView(state().tip),
    finality: () => ({
      count: parts.finality.count,
      medianMs: parts.finality.quantile(0.5),
      maxMs: parts.finality.quantile(1),
    }),
    supply: () => supply.view(),
    holdings: () => holdings.sizes(),
    proveLeaf: (leaf) =>
      readAtTip(
        store,
        () => state().tip.header,
        (header) => (leaf >= header.nextLeaf ? undefined : encodeLeafProof(buildLeafProof(treeSource(store), leaf))),
      ),
    async submit(bytes) {
      // Signatures are checked on the thread that votes, and who comes through a proxy has neither name nor host to blame.
      if (waitingCount >= TX_WAITING_MAX) return { ok: false, rule: "busy" };
      waitingCount++;
      try {
        return await submit(parts, bytes);
      } finally {
        waitingCount--;
      }
    },
    onBlock: (listener) => parts.onBlock(listener),
  };
}

function validatorViews(state: FullNodeState): readonly ValidatorView[] {
  const { aux, nextValidators, stakes } = state.tip;
  return nextValidators.flatMap(({ blsKey }) => {
    const account = accountOf(aux.accounts, blsKey);
    if (account === undefined) return [];
    const { week } = account;
    return {
      stake: stakeFor(stakes, blsKey),
      reward: account.reward,
      onlineShare: week.blocks === 0 ? 1 : week.signed / week.blocks,
      missedProposals: week.missed,
      isJailed: account.status === "jailed",
    };
  });
}

function stakeFor(stakes: readonly Stake[], blsKey: Uint8Array): Amount {
  const held = stakes.filter((stake) => equalBytes(stake.blsKey, blsKey));
  return amount(held.reduce((sum, stake) => sum + stake.state.amount, 0n));
}

function validatorKeyView(tip: LedgerTip, blsKey: Uint8Array): ValidatorKeyView {
  const { aux, nextValidators, stakes } = tip;
  const seat = nextValidators.findIndex((each) => equalBytes(each.blsKey, blsKey));
  return {
    standing: keyStanding(aux, nextValidators, blsKey),
    epoch: nextEpoch(tip),
    seat: seat < 0 ? undefined : seat,
    account: accountOf(aux.accounts, blsKey),
    stake: stakeFor(stakes, blsKey),
  };
}

async function submit({ replies, post, now }: NodeViewParts, bytes: Uint8Array): Promise<SubmitResult> {
  const decoded = tryDecode(decodeTransaction, bytes);
  if (!decoded.ok) return { ok: false, rule: "EN-3" };
  const verdict = await replies.expect<TransactionVerdict>((reply) =>
    post({ type: "transaction-received", now: now(), transaction: decoded.value, reply, source: "client" }),
  );
  if (verdict.ok) return { ok: true, txid: verdict.txid };
  return { ok: false, rule: verdict.rule ?? ("policy" in verdict ? verdict.policy : "refused") };
}
