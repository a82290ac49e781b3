import { formatHex } from "../../src/core/bytes/hex.ts";
import { EMPTY_CERTIFICATE } from "../../src/core/chain/certificate.ts";
import { blockId } from "../../src/core/chain/header.ts";
import { transactionId, type Transaction } from "../../src/core/chain/transaction.ts";
import { EMPTY_MEMPOOL } from "../../src/core/mempool/mempool.ts";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import type { FrameStream, NetworkPort, PeerId, StreamLimits } from "../../src/core/ports/network-port.ts";
import { blockCommit } from "../../src/core/state/block-outcome.ts";
import { height, leafIndex } from "../../src/core/values/height.ts";
import { BoundaryRanges } from "../../src/node/network/boundary-ranges.ts";
import { serveBucket } from "../../src/node/network/serve-bucket.ts";
import { PoolServer } from "../../src/node/network/serve-pool.ts";
import { serveRange } from "../../src/node/network/serve-range.ts";
import { serveReads } from "../../src/node/network/serve-reads.ts";
import { serveSnap } from "../../src/node/network/serve-snap.ts";
import { serveRequests } from "../../src/node/network/serve-requests.ts";
import { PROTOCOL } from "../../src/wire/protocols.ts";
import { decodeTxRequest, encodeTxAnswer } from "../../src/wire/requests/tx.ts";
import type { LedgerBuilder, TestTransfer } from "./ledger-builder.ts";
import { networkFileOf } from "./network-file.ts";

/** One frame that a server was sent, in the order in which it read them. */
export interface LoggedRequest {
  readonly protocol: string;
  readonly peer: PeerId;
  readonly frame: Uint8Array;
}

/** A transaction of any kind, and what it makes. */
type MadeTransaction = Pick<TestTransfer, "makes"> & { readonly transaction: Transaction };

/** The chain of a builder in a full node's store, behind the protocols as nodes serve them. */
export class LedgerNode {
  readonly builder: LedgerBuilder;
  readonly store: FullNodeStore;
  /** What clients have handed in. */
  readonly submitted: Transaction[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(builder: LedgerBuilder, store: FullNodeStore) {
    this.builder = builder;
    this.store = store;
  }

  /** The builder stands at its genesis, and from here on it is extended through the node only. */
  static async open(builder: LedgerBuilder, store: FullNodeStore): Promise<LedgerNode> {
    await store.commit(blockCommit(builder.start, builder.start.block, EMPTY_CERTIFICATE));
    return new LedgerNode(builder, store);
  }

  /** `/network.json` with the genesis as its checkpoint. */
  networkFile(nodes: Parameters<typeof networkFileOf>[1]): string {
    const { genesis, start } = this.builder;
    const { header } = start.tip;
    const checkpoint = { height: 0, block_id: formatHex(blockId(header)), time_ms: header.time };
    return JSON.stringify(networkFileOf(genesis, nodes, checkpoint));
  }

  /** A block of these, final, stored, and told to whoever reads. */
  async extend(transfers: readonly MadeTransaction[] = [], afterMs = 1_000): Promise<void> {
    const { builder } = this;
    const transactions = transfers.map(({ transaction }) => transaction);
    const block = builder.build(transactions, { afterMs });
    const result = builder.execute(block);
    if (!result.ok) throw new Error(`not executed: ${result.rule} ${result.field ?? ""}`);
    const first = builder.tip.header.nextLeaf;
    const made = transfers.flatMap(({ makes }) => makes);
    builder.notes = [...builder.notes, ...made.map((coin, index) => ({ ...coin, leaf: leafIndex(first + index) }))];
    const certificate = builder.commit(result);
    await this.store.commit(blockCommit(result, block, certificate));
    for (const listener of this.#listeners) listener();
  }

  /** Serves clients at a host; gives the log of all that they send there. */
  async serve(host: NetworkPort): Promise<readonly LoggedRequest[]> {
    const log: LoggedRequest[] = [];
    const network = logging(host, log);
    const { store, builder } = this;
    const ranges = new BoundaryRanges(store);
    const tip = () => builder.tip.header;
    await serveReads(network, {
      store,
      status: () => ({
        chainId: tip().chainId,
        genesis: builder.tip.chain.genesisHash,
        height: tip().height,
        blockId: builder.tip.blockId,
        oldestBlock: height(0),
      }),
      knownAddresses: () => [],
      onBlock: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      statusReceived: () => true,
    });
    await serveRange(network, ranges);
    await serveSnap(network, store);
    await serveBucket(network, { store, ranges, tip });
    await new PoolServer(() => EMPTY_MEMPOOL).serve(network);
    await serveRequests(network, PROTOCOL.tx, (frame) => {
      const transaction = decodeTxRequest(frame);
      this.submitted.push(transaction);
      return [encodeTxAnswer({ refusedBy: undefined, txid: transactionId(transaction) })];
    });
    return log;
  }
}

/** A host that writes down every frame before anybody looks at it. */
function logging(host: NetworkPort, log: LoggedRequest[]): NetworkPort {
  const serve = (protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>) => {
    return host.serve(protocol, limits, (stream) => {
      const frames = async function* (): AsyncIterable<Uint8Array> {
        for await (const frame of stream.frames()) {
          log.push({ protocol, peer: stream.peer, frame: frame.slice() });
          yield frame;
        }
      };
      return handler({
        peer: stream.peer,
        closed: stream.closed,
        frames,
        send: (frame) => stream.send(frame),
        close: () => stream.close(),
        abort: (reason) => stream.abort(reason),
      });
    });
  };
  return Object.assign(Object.create(host) as NetworkPort, { serve });
}
