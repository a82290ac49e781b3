import { formatHex } from "../../src/core/bytes/hex.ts";
import type { Genesis } from "../../src/core/chain/genesis.ts";
import { blockId } from "../../src/core/chain/header.ts";
import { encodeOutputCore, outputHash } from "../../src/core/chain/output.ts";
import type { Transaction } from "../../src/core/chain/transaction.ts";
import { outputRangeContext } from "../../src/core/crypto/range-proof.ts";
import { proveRange } from "../../src/core/crypto/range-proof-prover.ts";
import { ZERO_SCALAR, type Scalar } from "../../src/core/crypto/scalar.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import type { FrameStream, NetworkPort, StreamLimits } from "../../src/core/ports/network-port.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import { parseAddress } from "../../src/core/values/address.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex, timeMs } from "../../src/core/values/height.ts";
import { devGenesis } from "../../src/core/wallet/dev-genesis.ts";
import { deriveOutputSecret, type AccountKeys } from "../../src/core/wallet/keys.ts";
import { buildPaidCoin, derivePayment } from "../../src/core/wallet/output-secrets.ts";
import { PROVEN_SIZE } from "../../src/core/wallet/payment-proof.ts";
import type { PlacedProof } from "../../src/core/wallet/proof-text.ts";
import { isEndFrame } from "../../src/wire/frame.ts";
import { ChainServer } from "./chain-server.ts";
import { fakeBls } from "./fake-bls.ts";
import { FakeNetwork } from "./fake-network.ts";
import { LedgerBuilder, type TestCoin } from "./ledger-builder.ts";
import { networkFileOf } from "./network-file.ts";
import { curve } from "./wallet-vectors.ts";

const GENESIS_TIME = timeMs(1_700_000_000_000);
const GENESIS_OUTPUTS = 16;
let genesis: Genesis | undefined;

/** The genesis under a LedgerBuilder; making one takes a while. */
function ledgerGenesis(): Genesis {
  if (genesis !== undefined) return genesis;
  const options = { time: GENESIS_TIME, params: NETWORK_PARAMS.dev, validatorCount: 4 };
  const whole = devGenesis({ curve, bls: fakeBls }, options);
  return (genesis = { ...whole, outputs: whole.outputs.slice(0, GENESIS_OUTPUTS) });
}

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
  readonly #paid = new Map<string, { readonly coin: TestCoin; readonly keyOffset: Scalar }>();

  private constructor(nodes: readonly string[]) {
    const { header } = this.server.ledger.tip;
    const checkpoint = { height: header.height, block_id: formatHex(blockId(header)), time_ms: header.time };
    const listed = nodes.map((name) => ({ operator: name, addresses: [`/fake/${name}`] }));
    this.networkFile = JSON.stringify(networkFileOf(ledgerGenesis(), listed, checkpoint));
  }

  /** Nodes by name; one with a tamper lies. */
  static async open(nodes: Readonly<Record<string, Tamper | undefined>>): Promise<ServedLedger> {
    const served = new ServedLedger(Object.keys(nodes));
    for (const [name, tamper] of Object.entries(nodes)) {
      const port = served.network.join(name);
      await served.server.serve(tamper === undefined ? port : lying(port, tamper));
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
    const known = new Set(fresh.map((each) => String(each.inputs)));
    return this.server.extend([...transactions, ...fresh.filter((each) => known.delete(String(each.inputs)))]);
  }

  /** Coins for an address in the next block, and the proof of whoever paid them. */
  pay(address: string, micro: bigint): PlacedProof {
    const { ledger } = this.server;
    const { coin, proof } = this.#paidCoin(address, micro);
    const spends = ledger.take(1);
    const rest = spends[0]!.amount - micro - ledger.fee([coin.output, coin.output], 1);
    const item = this.mine([ledger.transferInto(spends, [coin, ledger.coin(rest)]).transaction]);
    const hash = outputHash(coin.output.core);
    const place = item.compact.entries.findIndex((entry) => String(entry.outputHash) === String(hash));
    return { ...proof, leaf: leafIndex(item.compact.firstLeaf + place), height: item.header.height };
  }

  /** The payee spends a coin that {@link pay} made. */
  spend({ proof, leaf }: PlacedProof, payee: AccountKeys, addressIndex: number): void {
    const { coin, keyOffset } = this.#paid.get(formatHex(proof.outputHash))!;
    const note = { ...coin, leaf, secret: deriveOutputSecret(payee, addressIndex, keyOffset) };
    this.mine([this.server.ledger.transfer([note]).transaction]);
  }

  /** The proof of a payment that never becomes final. */
  proofOfNothing(address: string, micro: bigint): PlacedProof {
    return this.#paidCoin(address, micro).proof;
  }

  #paidCoin(address: string, micro: bigint): { readonly coin: TestCoin; readonly proof: PlacedProof } {
    const { ledger } = this.server;
    const { chainId } = ledger.tip.chain;
    const parsed = parseAddress(address, "dev");
    if (!parsed.ok) throw new Error(parsed.code);
    const value = amount(micro);
    const anchorSource = ledger.random.bytes(32);
    const secrets = derivePayment(curve, parsed.keys, value, anchorSource)!;
    const { fields, blinding, keyOffset } = buildPaidCoin(curve, secrets, parsed.keys, value, 0);
    const payload = ledger.random.bytes(512);
    const context = outputRangeContext(0, fields.oneTimeKey, fields.ephemeralKey);
    const witness = { chainId, context, values: [micro], blindings: [blinding] };
    const { proof: rangeProof } = proveRange(curve, witness, ledger.random);
    const core = {
      type: "coin" as const,
      ...fields,
      payloadTag: ledger.random.bytes(16),
      payloadHash: sha256Hash(payload),
      rangeProofHash: sha256Hash(rangeProof),
    };
    const proof = { chainId, outputHash: outputHash(core), to: parsed.keys, amount: value, n: 0, anchorSource };
    const { nextLeaf, height } = ledger.tip.header;
    const coin = { output: { core, payload, rangeProof }, amount: micro, blinding, secret: ZERO_SCALAR };
    this.#paid.set(formatHex(proof.outputHash), { coin, keyOffset });
    const coreTail = encodeOutputCore(core).slice(PROVEN_SIZE);
    return { coin, proof: { proof, leaf: leafIndex(nextLeaf), height, coreTail } };
  }
}
