import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import { height } from "../../src/core/values/height.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { blockId } from "../../src/core/chain/header.ts";
import { END_FRAME } from "../../src/wire/frame.ts";
import { PROTOCOL } from "../../src/wire/protocols.ts";
import { decodeCompactRequest, encodeCompactItem } from "../../src/wire/requests/compact.ts";
import { decodeHdrRequest, encodeHdrItem } from "../../src/wire/requests/hdr.ts";
import { decodeStatus, encodeStatus } from "../../src/wire/requests/status.ts";
import { decodeTxRequest, encodeTxAnswer } from "../../src/wire/requests/tx.ts";
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
  /** What clients handed in: the transaction and who brought it. */
  readonly submitted: { readonly transaction: Transaction; readonly from: string }[] = [];
  /** Every request's protocol and peer, in order. */
  readonly asked: { readonly protocol: string; readonly from: string }[] = [];
  readonly #wake = new Set<() => void>();

  constructor(ledger: LedgerBuilder) {
    this.ledger = ledger;
    const { header, nextValidators } = ledger.tip;
    this.genesis = { header, certificate: ledger.lastCertificate, nextValidators };
  }

  /** Makes a block of these transactions final and sends it to every open stream. */
  extend(transactions: readonly Transaction[] = []): CompactItem {
    const transfers = transactions.map((transaction) => ({ transaction, spends: [], makes: [] }));
    const item = itemOf(this.ledger.extend(transfers), this.ledger);
    this.items.push(item);
    for (const wake of this.#wake) wake();
    return item;
  }

  async serve(port: NetworkPort): Promise<void> {
    const serve = async (
      protocol: (typeof PROTOCOL)[keyof typeof PROTOCOL],
      handle: (request: Uint8Array, stream: FrameStream) => Promise<void>,
    ): Promise<void> => {
      await port.serve(protocol.name, protocol.served, async (stream) => {
        this.asked.push({ protocol: protocol.name, from: stream.peer });
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
      const { from, count } = decodeHdrRequest(frame);
      const all = [this.genesis, ...this.items];
      for (const item of all.slice(from, from + count)) await stream.send(encodeHdrItem(item));
    });
    await serve(PROTOCOL.tx, async (frame, stream) => {
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
