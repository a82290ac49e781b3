import type { ClientEvent } from "../../src/api/events.ts";
import type { HistoryRow, SyncView } from "../../src/api/views.ts";
import { openWalletStore } from "../../src/client/storage/wallet-store.ts";
import { storageError } from "../../src/client/storage/storage-error.ts";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { outputRangeContext } from "../../src/core/crypto/range-proof.ts";
import { proveRange } from "../../src/core/crypto/range-proof-prover.ts";
import { ZERO_SCALAR } from "../../src/core/crypto/scalar.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { parseAddress } from "../../src/core/values/address.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { devGenesis } from "../../src/core/wallet/dev-genesis.ts";
import { buildPaidCoin, derivePayment } from "../../src/core/wallet/output-secrets.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import { LightClient, type LightClientPorts } from "../../src/engine/services/light-client.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import type { Genesis } from "../../src/core/chain/genesis.ts";
import { blockId } from "../../src/core/chain/header.ts";
import type { RangeAnswer } from "../../src/core/state/range-answer.ts";
import { ChainServer } from "./chain-server.ts";
import { testEdges } from "./client-edges.ts";
import { fakeBls } from "./fake-bls.ts";
import { FakeNetwork } from "./fake-network.ts";
import { LedgerBuilder, type TestCoin } from "./ledger-builder.ts";
import { networkFileOf } from "./network-file.ts";

const curve = createNobleBackend();
export const SERVERS = ["node-a", "node-b", "node-c"];
const GENESIS_TIME = 1_700_000_000_000;
let stores = 0;

const geneses = new Map<number, Genesis>();

/** The genesis under a LedgerBuilder; making one takes a while. */
function genesisAt(time: number): Genesis {
  const known = geneses.get(time);
  if (known !== undefined) return known;
  const options = { time: timeMs(time), params: NETWORK_PARAMS.dev, validatorCount: 4 };
  const whole = devGenesis({ curve, bls: fakeBls }, options);
  const genesis = { ...whole, outputs: whole.outputs.slice(0, 16) };
  geneses.set(time, genesis);
  return genesis;
}

/** A small network whose nodes serve one ledger, and clients on stores that survive them. */
export class ClientWorld {
  readonly network = new FakeNetwork();
  readonly server: ChainServer;
  readonly store = `light-client-${stores++}`;
  readonly events: ClientEvent[] = [];
  readonly failures: unknown[] = [];
  /** Lines for whoever looks into what happened. */
  readonly log: string[] = [];
  readonly identities: string[] = [];
  networkFile: string | undefined;
  /** The network file is on its way until then. */
  fileArrives: Promise<void> = Promise.resolve();
  client: LightClient | undefined;
  #opened: ClientStore | undefined;
  #stopsWriting = false;
  #onWrite: (() => void) | undefined;
  /** Called when the records of an old chain are about to be dropped. */
  onForget: (() => void) | undefined;

  constructor(genesisTime = GENESIS_TIME) {
    this.server = new ChainServer(new LedgerBuilder({ proofs: false }));
    this.networkFile = this.#describe(genesisTime);
  }

  #describe(genesisTime: number): string {
    const genesis = genesisAt(genesisTime);
    const { header } = this.server.ledger.tip;
    const checkpoint = { height: header.height, block_id: formatHex(blockId(header)), time_ms: header.time };
    return JSON.stringify(
      networkFileOf(
        genesis,
        SERVERS.map((name) => ({ operator: name, addresses: [`/fake/${name}`] })),
        checkpoint,
      ),
    );
  }

  /** The network file names the newest block, which must end an epoch, as its checkpoint. */
  announce(genesisTime = GENESIS_TIME): void {
    this.networkFile = this.#describe(genesisTime);
  }

  /** The next write of the store fails. */
  breakStore(): void {
    this.#stopsWriting = true;
  }

  /** Resolves when the next payment is being written. */
  paymentWrite(): Promise<void> {
    return new Promise((resolve) => (this.#onWrite = resolve));
  }

  /** `bend` changes what one of the nodes answers for ranges. */
  async serve(liar?: string, bend?: (answer: RangeAnswer) => RangeAnswer): Promise<void> {
    for (const name of SERVERS) await this.server.serve(this.network.join(name), name === liar ? bend : undefined);
  }

  /** Opens the client of a device; by default always the same one. */
  async open(device = this.store): Promise<LightClient> {
    const store = await openWalletStore({ name: device });
    this.#opened = store;
    const failing: ClientStore = Object.assign(Object.create(store) as ClientStore, {
      secrets: () => store.secrets(),
      putSecrets: (bytes: Uint8Array) => store.putSecrets(bytes),
      record: (key: string) => store.record(key),
      records: () => store.records(),
      forgetRecords: () => {
        this.onForget?.();
        return store.forgetRecords();
      },
      erase: () => store.erase(),
      close: () => store.close(),
      write: (changes: Parameters<ClientStore["write"]>[0]) => {
        if (changes.puts.some(({ key }) => key.startsWith("payment/"))) this.#onWrite?.();
        return this.#stopsWriting ? Promise.reject(new Error("disk on fire")) : store.write(changes);
      },
    });
    const ports: LightClientPorts = {
      ...testEdges({
        store: failing,
        startMs: this.server.ledger.tip.header.time + 500,
        label: `${device} ${this.identities.length}`,
        fetchNetworkFile: () => this.fileArrives.then(() => this.networkFile),
        openHost: () => {
          const name = `client-${stores}-${this.identities.length}`;
          this.identities.push(name);
          return Promise.resolve(this.network.join(name));
        },
      }),
      emit: (event) => this.events.push(event),
      log: (line) => this.log.push(line),
      failed: (error) => this.failures.push(error),
      openCode: (error) => {
        const { code } = storageError(error);
        return code === "stale" || code === "storage_failed" ? "storage_denied" : code;
      },
    };
    this.client = new LightClient(ports);
    const started = await this.client.start();
    if (!started.ok) throw new Error(started.code);
    return this.client;
  }

  async close(): Promise<void> {
    await this.client?.stop();
    await this.#opened?.close();
    this.client = undefined;
  }

  /** Coins for an address, in the next block. */
  pay(address: string, micro: bigint): void {
    const { ledger } = this.server;
    const parsed = parseAddress(address, "dev");
    if (!parsed.ok) throw new Error(parsed.code);
    const value = amount(micro);
    const secrets = derivePayment(curve, parsed.keys, value, ledger.random.bytes(32))!;
    const { fields, blinding } = buildPaidCoin(curve, secrets, parsed.keys, value, 0);
    const payload = ledger.random.bytes(512);
    const context = outputRangeContext(0, fields.oneTimeKey, fields.ephemeralKey);
    const witness = { chainId: ledger.tip.chain.chainId, context, values: [micro], blindings: [blinding] };
    const { proof } = proveRange(curve, witness, ledger.random);
    const core = {
      type: "coin" as const,
      ...fields,
      payloadTag: ledger.random.bytes(16),
      payloadHash: sha256Hash(payload),
      rangeProofHash: sha256Hash(proof),
    };
    const coin: TestCoin = {
      output: { core, payload, rangeProof: proof },
      amount: micro,
      blinding,
      secret: ZERO_SCALAR,
    };
    const spends = ledger.take(1);
    const outputs = [coin.output, coin.output];
    const rest = spends[0]!.amount - micro - ledger.fee(outputs, 1);
    this.server.extend([ledger.transferInto(spends, [coin, ledger.coin(rest)]).transaction]);
  }

  async until<T>(read: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
    const endsAt = performance.now() + 10_000;
    for (;;) {
      const found = await read();
      if (found !== undefined) return found;
      if (performance.now() > endsAt) throw new Error(`no ${what}: ${JSON.stringify(await this.client?.views.sync())}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  live(): Promise<SyncView> {
    const { height } = this.server.ledger.tip.header;
    return this.until(async () => {
      const sync = await this.client!.views.sync();
      return sync.state === "live" && sync.height === height ? sync : undefined;
    }, `sync at ${height}`);
  }

  balance(total: bigint): Promise<true> {
    return this.until(async () => {
      return (await this.client!.views.balance())?.total === total ? true : undefined;
    }, `balance of ${total}`);
  }

  row(isWanted: (row: HistoryRow) => boolean): Promise<HistoryRow> {
    return this.until(async () => (await this.client!.views.history()).find(isWanted), "such a row");
  }
}
