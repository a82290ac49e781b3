import { encodeBlock, transactionsRoot } from "../../src/core/chain/block.ts";
import { encodeCertificate, EMPTY_CERTIFICATE, type Certificate } from "../../src/core/chain/certificate.ts";
import { compactEntry, encodeCompactBlock } from "../../src/core/chain/compact-block.ts";
import { blockId, encodeHeader, type Header } from "../../src/core/chain/header.ts";
import { encodeOutputCore, type PublicCore } from "../../src/core/chain/output.ts";
import { transactionId, type Transaction, type Transfer } from "../../src/core/chain/transaction.ts";
import { scalarOf } from "../../src/core/crypto/scalar.ts";
import { amount } from "../../src/core/values/amount.ts";
import { ZERO_HASH } from "../../src/core/values/hash.ts";
import { epoch, height, leafIndex, timeMs, type Height } from "../../src/core/values/height.ts";
import type { NodeView, SubmitResult } from "../../src/node/rpc/node-view.ts";
import type { StoreSizes } from "../../src/node/storage/store-sizes.ts";
import { hashOf } from "./block-commits.ts";
import { MemoryStore } from "./memory-store.ts";

export const FAKE_CHAIN_ID = 1_000;

/** Bytes of every class of records. */
const HELD: StoreSizes = {
  outputs: 140_000_000,
  proofs: 0,
  tree: 0,
  payloads: 0,
  compact: 0,
  headers: 0,
  blocks: 0,
  validators: 0,
  indexes: 0,
  awards: 0,
  tip: 0,
  recent: 5_000_000,
};

const fill = (byte: number, size = 32): Uint8Array => new Uint8Array(size).fill(byte);

const certificate: Certificate = { round: 0, signers: [true, true, true, false], signature: fill(7, 96) };

/** A public output of so many µSTG; its keys are no points, which JSON-RPC does not look at. */
export const publicCore = (number: number, micro: bigint): PublicCore => ({
  type: "public",
  oneTimeKey: fill(number),
  amount: amount(micro),
  ephemeralKey: fill(number),
  viewTag: fill(1, 2),
  recipient: { spendKey: fill(2), viewKey: fill(3) },
  anchor: fill(4, 16),
  reference: fill(0),
});

/** A transfer that no rule would accept, with two public outputs. */
export const fakeTransaction: Transfer = {
  kind: "transfer",
  chainId: FAKE_CHAIN_ID,
  notBefore: timeMs(0),
  notAfter: timeMs(1_800_000_000_000),
  fee: amount(21_000n),
  gamma: scalarOf(5n),
  inputs: [leafIndex(0)],
  outputs: [{ core: publicCore(20, 1_000n) }, { core: publicCore(21, 2_000n) }],
  signatures: [fill(9, 64)],
};

function headerOf(at: number, transactions: readonly Transaction[], nextLeaf: number): Header {
  const zero = ZERO_HASH;
  return {
    chainId: FAKE_CHAIN_ID,
    height: height(at),
    round: 0,
    time: timeMs(1_700_000_000_000 + 1_000 * at),
    epoch: epoch(at === 0 ? 0 : 1),
    isEpochEnd: at === 0,
    proposer: 0,
    prev: zero,
    txsRoot: transactionsRoot(transactions),
    compactRoot: zero,
    utxoRoot: hashOf("root", at),
    histRoot: zero,
    valHash: zero,
    nextValHash: zero,
    paramsHash: zero,
    auxRoot: zero,
    lastCertHash: zero,
    evidenceRoot: zero,
    nextLeaf,
    liveCount: nextLeaf,
    minted: 9_007_199_254_740_000n,
    burned: 0n,
    accrued: 5n,
    pot: 7n,
    gammaAcc: scalarOf(0n),
    beacon: zero,
    beaconSignature: fill(0, 96),
  };
}

async function commitBlock(
  store: MemoryStore,
  at: number,
  transactions: readonly Transaction[],
  cores: readonly PublicCore[],
  firstLeaf: number,
): Promise<void> {
  const header = headerOf(at, transactions, firstLeaf + cores.length);
  const leaves = cores.map((core, index) => [leafIndex(firstLeaf + index), encodeOutputCore(core)] as const);
  const entries = cores.map(compactEntry);
  await store.commit({
    height: header.height,
    blockId: blockId(header),
    time: header.time,
    tip: new Uint8Array(),
    header: encodeHeader(header),
    certificate: encodeCertificate(at === 0 ? EMPTY_CERTIFICATE : certificate),
    block: encodeBlock({ header, lastCertificate: EMPTY_CERTIFICATE, evidence: [], transactions }),
    compact: encodeCompactBlock({
      height: header.height,
      firstLeaf: leafIndex(firstLeaf),
      entries,
      spent: at === 1 ? [leafIndex(0)] : [],
      changed: [],
    }),
    changes: {
      leaves: new Map([
        ...leaves.map(
          ([leaf, core]) => [leaf, { height: header.height, core, stateFields: new Uint8Array() }] as const,
        ),
        ...(at === 1 ? [[leafIndex(0), undefined] as const] : []),
      ]),
      nodes: new Map(),
      tiles: new Map(),
    },
    payloads: new Map(),
    rangeProofs: new Map(),
    cores: new Map(leaves),
    txids: transactions.map(transactionId),
    validatorSet: undefined,
    award: undefined,
    boundary: undefined,
  });
}

/** A node of three blocks: genesis with two outputs, one payment, one empty block with an output of its own. */
export async function fakeNodeView(changes: Partial<NodeView> = {}): Promise<NodeView> {
  const store = new MemoryStore();
  await commitBlock(store, 0, [], [publicCore(10, 1n), publicCore(11, 2n)], 0);
  const cores = fakeTransaction.outputs.map((output) => output.core as PublicCore);
  // The block makes an output by itself before and after those of its transaction.
  await commitBlock(store, 1, [fakeTransaction], [publicCore(30, 3n), ...cores, publicCore(31, 4n)], 2);
  await commitBlock(store, 2, [], [], 6);
  const last = headerOf(2, [], 6);
  return {
    chainId: FAKE_CHAIN_ID,
    genesisHash: hashOf("genesis", 0),
    genesis: fill(1, 40),
    store,
    status: () => ({ height: last.height, time: last.time, blockId: blockId(last), isSyncing: false }),
    finality: () => ({ count: 2, medianMs: 700, maxMs: 900 }),
    checkpoint: () => ({
      height: height(0),
      blockId: blockId(headerOf(0, [], 2)),
      time: timeMs(1_700_000_000_000),
      feeMultiplier: 1_000,
    }),
    addresses: () => ["/ip4/127.0.0.1/tcp/4001/p2p/12D3", "/ip4/127.0.0.1/tcp/4002/ws/p2p/12D3"],
    peers: () => 3,
    mempool: () => ({ count: 2, bytes: 4_000 }),
    award: () => ({ pot: 7n, drawAt: timeMs(1_700_000_300_000), eligible: [fill(5, 48)] }),
    validators: () => [
      {
        stake: amount(100_000_000_000n),
        reward: { spendKey: fill(2), viewKey: fill(3) },
        onlineShare: 0.5,
        missedProposals: 1,
        isJailed: false,
      },
    ],
    validatorKey: () => ({
      standing: "jailed",
      epoch: epoch(9),
      seat: undefined,
      account: undefined,
      stake: amount(100_000_000_000n),
    }),
    ownStanding: () => undefined,
    supply: () =>
      Promise.resolve({
        minted: amount(9_007_199_254_740_000n),
        burned: amount(0n),
        inOutputs: amount(9_007_199_254_739_988n),
        pot: amount(7n),
        isInvariantOk: true,
      }),
    holdings: () => Promise.resolve(HELD),
    proveLeaf: (leaf) => Promise.resolve(leaf < 6 ? Uint8Array.of(3, 1) : undefined),
    submit: () => Promise.resolve<SubmitResult>({ ok: true, txid: hashOf("txid", 1) }),
    onBlock: (_listener: (at: Height) => void) => () => undefined,
    blobs: () => ({ count: 3, bytes: 24_576 }),
    onMempool: () => () => undefined,
    ...changes,
  };
}
