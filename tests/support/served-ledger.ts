import { formatHex } from "../../src/core/bytes/hex.ts";
import { blockId } from "../../src/core/chain/header.ts";
import { placesOf, type Transaction } from "../../src/core/chain/transaction.ts";
import type { FrameStream, NetworkPort, StreamLimits } from "../../src/core/ports/network-port.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import { leafIndex } from "../../src/core/values/height.ts";
import { deriveOutputSecret, type AccountKeys } from "../../src/core/wallet/keys.ts";
import type { PlacedProof } from "../../src/core/wallet/proof-text.ts";
import { isEndFrame } from "../../src/wire/frame.ts";
import { ChainServer } from "./chain-server.ts";
import { FakeNetwork } from "./fake-network.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { networkFileOf } from "./network-file.ts";
import { keysOf, paidCoin, payInto, type PaidCoin } from "./paid-coin.ts";
import { testCurve } from "./test-curve.ts";

/** Changes the frames of a protocol before they are sent. */
export type Tamper = (protocol: string, frame: Uint8Array) => Uint8Array;

/** The port of a node that lies. */
function lying(port: NetworkPort, tamper: Tamper): NetworkPort {
  return Object.assign(Object.create(port) as NetworkPort, {
    serve: (protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>) => {
      return port.serve(protocol, limits, (stream) => {
        const lie = {
          peer: stream.peer,
          closed: stream.closed,
          frames: () => stream.frames(),
          close: () => stream.close(),
          abort: (reason: string) => stream.abort(reason),
          send: (frame: Uint8Array) => stream.send(isEndFrame(frame) ? frame : tamper(protocol, frame)),
        };
        return handler(lie);
      });
    },
  });
}

/** A test ledger served by some nodes of a fake network: everything a client meets but real sockets. */
export class ServedLedger {
  readonly network = new FakeNetwork();
  readonly server = new ChainServer(new LedgerBuilder({ proofs: false }));
  readonly networkFile: string;
  /** Names under which clients have come. */
  readonly identities: string[] = [];
  #mined = 0;
  readonly #paid = new Map<string, PaidCoin>();

  private constructor(nodes: readonly string[]) {
    const { tip, genesis } = this.server.ledger;
    const { header } = tip;
    const checkpoint = { height: header.height, block_id: formatHex(blockId(header)), time_ms: header.time };
    const listed = nodes.map((name) => ({ operator: name, addresses: [`/fake/${name}`] }));
    this.networkFile = JSON.stringify(networkFileOf(genesis, listed, checkpoint));
  }

  /** Nodes by name, `p2p/` before it for an address that ends with it; one with a tamper lies. `serveMore`: what they serve beside the chain. */
  static async open(
    nodes: Readonly<Record<string, Tamper | undefined>>,
    serveMore: (port: NetworkPort) => Promise<void> = () => Promise.resolve(),
  ): Promise<ServedLedger> {
    const served = new ServedLedger(Object.keys(nodes));
    for (const [name, tamper] of Object.entries(nodes)) {
      const port = served.network.join(name.replace(/^p2p\//, ""));
      await served.server.serve(tamper === undefined ? port : lying(port, tamper));
      await serveMore(port);
    }
    return served;
  }

  get timeMs(): number {
    return this.server.ledger.tip.header.time;
  }

  /** A client's host with an identity nobody has seen. */
  openHost(): Promise<NetworkPort> {
    const name = `client-${this.identities.length}`;
    this.identities.push(name);
    return Promise.resolve(this.network.join(name));
  }

  /** A block of these transactions and of what clients have handed in. */
  mine(transactions: readonly Transaction[] = []): CompactItem {
    const submitted = this.server.submitted.map(({ transaction }) => transaction);
    const fresh = submitted.slice(this.#mined).filter((each, index, all) => all.indexOf(each) === index);
    this.#mined = submitted.length;
    const known = new Set(fresh.map((each) => String(placesOf(each))));
    return this.server.extend([...transactions, ...fresh.filter((each) => known.delete(String(placesOf(each))))]);
  }

  /** Coins for an address in the next block, and the proof of whoever paid them. */
  pay(address: string, micro: bigint): PlacedProof {
    const { ledger } = this.server;
    const paid = paidCoin(ledger, keysOf(address), micro);
    const { outputHash } = paid.proof.proof;
    this.#paid.set(formatHex(outputHash), paid);
    const item = this.mine([payInto(ledger, paid.coin).transaction]);
    const place = item.compact.entries.findIndex((entry) => String(entry.outputHash) === String(outputHash));
    return { ...paid.proof, leaf: leafIndex(item.compact.firstLeaf + place), height: item.header.height };
  }

  /** The payee spends a coin that {@link pay} made. */
  spend({ proof, leaf }: PlacedProof, payee: AccountKeys, addressIndex: number): void {
    const { coin, keyOffset } = this.#paid.get(formatHex(proof.outputHash))!;
    const note = { ...coin, leaf, secret: deriveOutputSecret(testCurve, payee, addressIndex, keyOffset) };
    this.mine([this.server.ledger.transfer([note]).transaction]);
  }

  /** The proof of a payment that never becomes final. */
  proofOfNothing(address: string, micro: bigint): PlacedProof {
    return paidCoin(this.server.ledger, keysOf(address), micro).proof;
  }
}
