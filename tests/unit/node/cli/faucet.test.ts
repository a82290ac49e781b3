import { beforeAll, describe, expect, it } from "vitest";
import { EMPTY_CERTIFICATE, encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { compactEntry, encodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { encodeGenesis, genesisHash } from "../../../../src/core/chain/genesis.ts";
import { encodeHeader } from "../../../../src/core/chain/header.ts";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import { decodeTransfer, transactionId, type Transfer } from "../../../../src/core/chain/transaction.ts";
import type { LeafRecord } from "../../../../src/core/ports/ledger-reader.ts";
import { encodeLedgerTip, type LedgerTip } from "../../../../src/core/state/ledger-tip.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { height, leafIndex, timeMs, type Height, type LeafIndex } from "../../../../src/core/values/height.ts";
import { DEV_FAUCET_OUTPUT_COUNT, devFaucetSeed } from "../../../../src/core/wallet/dev-genesis.ts";
import { deriveAccount, deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { createBlstBls } from "../../../../src/node/crypto/blst-bls.ts";
import { FaucetNotes } from "../../../../src/node/cli/faucet-notes.ts";
import { Faucet, FAUCET_AMOUNT } from "../../../../src/node/cli/faucet.ts";
import { makeDevGenesis } from "../../../../src/node/cli/make-dev-genesis.ts";
import { Replies } from "../../../../src/node/replies.ts";
import { openLedger } from "../../../../src/node/open-ledger.ts";
import type { NodeView, SubmitResult } from "../../../../src/node/rpc/node-view.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { fakeNodeView } from "../../../support/fake-node-view.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const genesis = makeDevGenesis({ validatorCount: 1, isFast: false, time: 1_700_000_000_000 });
const keys = deriveAccount(curve, devFaucetSeed(), 0).view;

const addressOf = (name: number): string =>
  formatAddress(deriveAddress(curve, deriveAccount(curve, hashOf("wallet", name), 0).view, 0), "dev");

/** A chain whose blocks hold whatever was submitted, unjudged. */
class Chain {
  readonly store = new MemoryStore();
  readonly submitted: Transfer[] = [];
  refusal: string | undefined;
  view!: NodeView;
  #tip!: LedgerTip;
  #listener: ((at: Height) => void) | undefined;

  static async open(): Promise<Chain> {
    const chain = new Chain();
    const bytes = encodeGenesis(genesis);
    chain.#tip = (await openLedger(chain.store, bytes, { curve, bls: createBlstBls() })).tip;
    chain.view = await fakeNodeView({
      store: chain.store,
      genesis: bytes,
      genesisHash: genesisHash(genesis),
      status: () => ({
        height: chain.#tip.header.height,
        time: chain.#tip.header.time,
        blockId: chain.#tip.blockId,
        isSyncing: false,
      }),
      submit: (transaction) => Promise.resolve(chain.#submit(transaction)),
      onBlock: (listener) => {
        chain.#listener = listener;
        return () => undefined;
      },
    });
    return chain;
  }

  #submit(bytes: Uint8Array): SubmitResult {
    if (this.refusal !== undefined) return { ok: false, rule: this.refusal };
    const transaction = decodeTransfer(bytes);
    this.submitted.push(transaction);
    return { ok: true, txid: transactionId(transaction) };
  }

  async block(transactions: readonly Transfer[]): Promise<void> {
    const before = this.#tip.header;
    const outputs = transactions.flatMap((transaction) => transaction.outputs);
    const leaves = outputs.map(
      (output, index) => [leafIndex(before.nextLeaf + index), encodeOutputCore(output.core)] as const,
    );
    const spent = transactions.flatMap(({ inputs }) => inputs).sort((left, right) => left - right);
    const at = height(before.height + 1);
    const header = {
      ...before,
      height: at,
      time: timeMs(before.time + 2_000),
      nextLeaf: before.nextLeaf + outputs.length,
    };
    this.#tip = { ...this.#tip, header };
    const changes: (readonly [LeafIndex, LeafRecord | undefined])[] = [
      ...leaves.map(([leaf, core]) => [leaf, { height: at, core, stateFields: new Uint8Array() }] as const),
      ...spent.map((leaf) => [leaf, undefined] as const),
    ];
    const firstLeaf = leafIndex(before.nextLeaf);
    const entries = outputs.map((output) => compactEntry(output.core));
    await this.store.commit({
      height: at,
      blockId: hashOf("block", at),
      time: header.time,
      // Its header does not fit its history any more; the one before is as good for the fee.
      tip: this.store.tip() ?? encodeLedgerTip(this.#tip),
      header: encodeHeader(header),
      certificate: encodeCertificate(EMPTY_CERTIFICATE),
      block: new Uint8Array(),
      compact: encodeCompactBlock({ height: at, firstLeaf, entries, spent, changed: [] }),
      changes: { leaves: new Map(changes), nodes: new Map(), tiles: new Map() },
      payloads: new Map(),
      rangeProofs: new Map(),
      cores: new Map(leaves),
      txids: transactions.map(transactionId),
      validatorSet: undefined,
      award: undefined,
      boundary: undefined,
    });
    this.#listener?.(at);
  }
}

/** One chain for all tests, in their order: a genesis takes a while. */
let chain: Chain;
beforeAll(async () => {
  chain = await Chain.open();
}, 60_000);

const scan = (): Promise<FaucetNotes> => {
  const { height: at, time } = chain.view.status();
  return FaucetNotes.load(curve, keys, chain.store, { height: at, timeMs: time });
};
const leavesOf = (notes: FaucetNotes): number[] => [...notes.wallet().notes.keys()].sort((left, right) => left - right);
const worthOf = (notes: FaucetNotes): bigint =>
  [...notes.wallet().notes.values()].reduce((sum, { note }) => sum + note.amount, 0n);

describe("[GE-3] faucet", { timeout: 120_000 }, () => {
  it("closes while the node, which has stopped, leaves what it handed in without an answer", async () => {
    const replies = new Replies();
    const view = { ...chain.view, submit: () => replies.expect<SubmitResult>(() => undefined) };
    const faucet = await Faucet.open(view, { curve, kernels: [] }, () => undefined);
    const asked = faucet.request(addressOf(77)).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    replies.end();
    await faucet.close();
    expect(await asked).toBeInstanceOf(Error);
  });

  it("refuses what is no address of a dev network", async () => {
    const faucet = await Faucet.open(chain.view, { curve, kernels: [] }, () => undefined);
    try {
      const keysOfMain = deriveAddress(curve, keys, 0);
      const lowOrder = formatAddress({ spendKey: new Uint8Array(32), viewKey: new Uint8Array(32) }, "dev");
      for (const address of ["", "dstg1", formatAddress(keysOfMain, "main"), lowOrder, "x".repeat(10_000)]) {
        expect(await faucet.request(address)).toEqual({ ok: false, code: "address_invalid" });
      }
    } finally {
      await faucet.close();
    }
  });

  it("keeps nothing locked and no one waiting when the node refuses", async () => {
    const faucet = await Faucet.open(chain.view, { curve, kernels: [] }, () => undefined);
    try {
      chain.refusal = "TX-8";
      expect(await faucet.request(addressOf(1))).toEqual({ ok: false, code: "refused" });
      chain.refusal = undefined;
      expect((await faucet.request(addressOf(1))).ok).toBe(true);
    } finally {
      await faucet.close();
    }
  });

  it("pays with another note for each request, follows the chain and finds everything again after a restart", async () => {
    chain.submitted.length = 0;
    const before = await scan();
    expect(leavesOf(before)).toHaveLength(DEV_FAUCET_OUTPUT_COUNT);
    const faucet = await Faucet.open(chain.view, { curve, kernels: [] }, () => undefined);
    try {
      // The third in the same moment, however long the payments take.
      const [first, second, again] = await Promise.all([2, 3, 2].map((name) => faucet.request(addressOf(name))));
      expect([first?.ok, second?.ok]).toEqual([true, true]);
      expect(again).toEqual({ ok: false, code: "too_soon" });
      const inputs = chain.submitted.flatMap((transaction) => transaction.inputs);
      expect(new Set(inputs).size).toBe(inputs.length);

      await chain.block(chain.submitted);
      await before.follow(chain.store, height(1));
      const fees = chain.submitted.reduce((sum, { fee }) => sum + fee, 0n);
      const paid = 2n * FAUCET_AMOUNT + fees;
      expect(worthOf(before)).toBe(BigInt(DEV_FAUCET_OUTPUT_COUNT) * 156_250_000_000n - paid);
      expect(leavesOf(await scan())).toEqual(leavesOf(before));
      // Change can be spent too: the next payments take notes that exist now.
      expect((await faucet.request(addressOf(4))).ok).toBe(true);
    } finally {
      await faucet.close();
    }
  });
});
