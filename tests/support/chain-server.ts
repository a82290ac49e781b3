import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import type { ValidatorSet } from "../../src/core/chain/validator-set.ts";
import type { BlockOutcome } from "../../src/core/state/block-outcome.ts";
import { BUCKET_LEAVES, buildBucketProof } from "../../src/core/state/bucket-proof.ts";
import type { RangeAnswer } from "../../src/core/state/range-answer.ts";
import { treeSource, type TreeSource } from "../../src/core/state/tree.ts";
import { decodeOutputCore } from "../../src/core/chain/output.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../../src/core/values/height.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { blockId, isBoundary, type Header } from "../../src/core/chain/header.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../src/wire/frame.ts";
import { PROTOCOL } from "../../src/wire/protocols.ts";
import { encodeBlock, type Block } from "../../src/core/chain/block.ts";
import { decodeBlocksRequest, encodeBlockItem } from "../../src/wire/requests/block.ts";
import { decodeCompactRequest, encodeCompactItem } from "../../src/wire/requests/compact.ts";
import { decodeHdrRequest, encodeHdrItem } from "../../src/wire/requests/hdr.ts";
import { decodeStatus, encodeStatus } from "../../src/wire/requests/status.ts";
import { decodeTxRequest, encodeTxAnswer } from "../../src/wire/requests/tx.ts";
import {
  decodeBucketRequest,
  encodeBucketAnswer,
  type BucketAnswer,
  type BucketSlot,
} from "../../src/wire/requests/bucket.ts";
import { decodeRangesRequest, encodeRangeItem } from "../../src/wire/requests/range.ts";
import { rangeOf } from "./client-state.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";
import { itemOf } from "./wallet-chain.ts";
import type { Transaction } from "../../src/core/chain/transaction.ts";
import type { FrameStream } from "../../src/core/ports/network-port.ts";
import type { CertifiedHeader } from "../../src/wire/requests/certified-header.ts";

/** A full node as a light client sees it: the blocks of a test ledger, served over any NetworkPort. */
export class ChainServer {
  readonly ledger: LedgerBuilder;
  readonly genesis: CertifiedHeader;
  readonly items: CompactItem[] = [];
  /** The same blocks whole, as long as they are kept: block h at h − 1. */
  readonly blocks: (Block | undefined)[] = [];
  /** Otherwise who hands something in gets no answer. */
  takesPayments = true;
  /** Takes any question and answers none. */
  isSilent = false;
  /** What clients handed in: the transaction and who brought it. */
  readonly submitted: { readonly transaction: Transaction; readonly from: string }[] = [];
  /** Every request's protocol and peer, in order. */
  readonly asked: { readonly protocol: string; readonly from: string }[] = [];
  /** Ids of every `bucket` request. */
  readonly buckets: (readonly number[])[] = [];
  readonly #announced = new Map<number, ValidatorSet>();
  readonly #boundaries = new Map<number, MemoryLedger>();
  readonly #payloads = new Map<LeafIndex, Uint8Array>();
  readonly #wake = new Set<() => void>();

  constructor(ledger: LedgerBuilder) {
    this.ledger = ledger;
    const { header, nextValidators } = ledger.tip;
    this.genesis = { header, certificate: ledger.lastCertificate, nextValidators };
    this.#keepBoundary();
  }

  /** Makes a block of these transactions final and sends it to every open stream. */
  extend(transactions: readonly Transaction[] = [], afterMs = 1_000): CompactItem {
    const transfers = transactions.map((transaction) => ({ transaction, spends: [], makes: [] }));
    const { lastCertificate } = this.ledger;
    this.#record(this.ledger.extend(transfers, { afterMs }));
    this.blocks.push({ header: this.ledger.tip.header, lastCertificate, evidence: [], transactions });
    const item = this.items.at(-1)!;
    for (const wake of this.#wake) wake();
    return item;
  }

  /** Empty blocks until one has ended an epoch. */
  extendToBoundary(): Header {
    while (!isBoundary(this.extend([], this.ledger.tip.chain.params.epochMs / 2).header));
    return this.ledger.tip.header;
  }

  #record(outcome: BlockOutcome): void {
    this.items.push(itemOf(outcome, this.ledger));
    for (const [leaf, payload] of outcome.payloads) this.#payloads.set(leaf, payload);
    this.#keepBoundary();
  }

  #keepBoundary(): void {
    const { header, nextValidators } = this.ledger.tip;
    if (!isBoundary(header)) return;
    this.#announced.set(header.height, nextValidators);
    const copy = new MemoryLedger();
    copy.apply(this.ledger.ledger);
    this.#boundaries.set(header.height, copy);
  }

  #stateAt(boundary: number): TreeSource {
    return treeSource(this.#ledgerAt(boundary));
  }

  #ledgerAt(boundary: number): MemoryLedger {
    const state = this.#boundaries.get(boundary);
    if (state === undefined) throw new RangeError(`no boundary at ${boundary}`);
    return state;
  }

  /** At a boundary, or for 0 at the tip (NW-14). */
  bucket(wanted: Height, bucket: number): BucketAnswer {
    const { header } = this.ledger.tip;
    const at = wanted === 0 ? header.height : wanted;
    const state = at === header.height ? this.ledger.ledger : this.#ledgerAt(at);
    const slots = Array.from({ length: BUCKET_LEAVES }, (_, place): BucketSlot | undefined => {
      const leaf = leafIndex(bucket * BUCKET_LEAVES + place);
      const record = state.leaf(leaf);
      if (record === undefined) return undefined;
      const core = decodeOutputCore(record.core);
      return {
        isLive: true,
        height: record.height,
        core,
        stateFields: record.stateFields,
        payload: this.#payloads.get(leaf),
      };
    });
    return { at, slots, proof: buildBucketProof(treeSource(state), bucket) };
  }

  /** `bend` changes the answers for ranges: what a liar does. */
  async serve(port: NetworkPort, bend: (answer: RangeAnswer) => RangeAnswer = (answer) => answer): Promise<void> {
    const serve = async (
      protocol: (typeof PROTOCOL)[keyof typeof PROTOCOL],
      handle: (request: Uint8Array, stream: FrameStream) => Promise<void>,
    ): Promise<void> => {
      await port.serve(protocol.name, protocol.served, async (stream) => {
        this.asked.push({ protocol: protocol.name, from: stream.peer });
        if (this.isSilent) await stream.closed;
        for await (const frame of stream.frames()) {
          await handle(frame, stream);
          await stream.send(END_FRAME);
          return;
        }
      });
    };
    await serve(PROTOCOL.status, async (frame, stream) => {
      decodeStatus(frame);
      const { header, chain } = this.ledger.tip;
      const status = {
        chainId: chain.chainId,
        genesis: chain.genesisHash,
        height: header.height,
        blockId: blockId(header),
        oldestBlock: height(0),
      };
      await stream.send(encodeStatus(status));
    });
    await serve(PROTOCOL.hdr, async (frame, stream) => {
      const { from, count, boundariesOnly } = decodeHdrRequest(frame);
      const above = [this.genesis, ...this.items].slice(from);
      const found = boundariesOnly ? above.filter(({ header }) => isBoundary(header)) : above;
      for (const [index, item] of found.slice(0, count).entries()) {
        const set = index === 0 && isBoundary(item.header) ? this.#announced.get(item.header.height) : undefined;
        await stream.send(encodeHdrItem({ ...item, nextValidators: set ?? item.nextValidators }));
      }
    });
    await serve(PROTOCOL.block, async (frame, stream) => {
      const { from, count } = decodeBlocksRequest(frame);
      for (let at = from; at < from + count && at <= this.blocks.length; at++) {
        const block = this.blocks[at - 1];
        if (block === undefined) {
          await stream.send(encodeErrorFrame({ code: ERROR_CODE.unavailable, text: "block dropped" }));
          break;
        }
        await stream.send(encodeBlockItem(encodeBlock(block)));
      }
    });
    await serve(PROTOCOL.range, async (frame, stream) => {
      const { boundary, ranges } = decodeRangesRequest(frame);
      for (const range of ranges) {
        await stream.send(encodeRangeItem(bend(rangeOf(this.#stateAt(boundary), range))));
      }
    });
    await serve(PROTOCOL.bucket, async (frame, stream) => {
      const { at, buckets } = decodeBucketRequest(frame);
      this.buckets.push(buckets);
      for (const bucket of buckets) await stream.send(encodeBucketAnswer(this.bucket(at, bucket)));
    });
    await serve(PROTOCOL.tx, async (frame, stream) => {
      if (!this.takesPayments) throw new Error("takes none");
      const transaction = decodeTxRequest(frame);
      this.submitted.push({ transaction, from: stream.peer });
      await stream.send(encodeTxAnswer({ refusedBy: undefined, txid: transactionId(transaction) }));
    });
    await serve(PROTOCOL.compact, async (frame, stream) => {
      const { from, isFull } = decodeCompactRequest(frame);
      const state = { isOpen: true };
      void stream.closed.then(() => {
        state.isOpen = false;
        for (const wake of this.#wake) wake();
      });
      for (let next = from - 1; state.isOpen;) {
        const item = this.items[next];
        if (item === undefined) {
          await new Promise<void>((resolve) => {
            const wake = (): void => {
              this.#wake.delete(wake);
              resolve();
            };
            this.#wake.add(wake);
          });
          continue;
        }
        next++;
        await stream.send(encodeCompactItem({ ...item, outputs: isFull ? item.outputs : undefined }));
      }
    });
  }
}
