import type { ClientEvent } from "../../src/api/events.ts";
import type { HistoryRow, SyncView } from "../../src/api/views.ts";
import { openWalletStore } from "../../src/client/storage/wallet-store.ts";
import { storageError } from "../../src/client/storage/storage-error.ts";
import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import { amount } from "../../src/core/values/amount.ts";
import { timeMs } from "../../src/core/values/height.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import { LightClient, type LightClientPorts } from "../../src/engine/services/light-client.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { blockId } from "../../src/core/chain/header.ts";
import type { RangeAnswer } from "../../src/core/state/range-answer.ts";
import { ChainServer } from "./chain-server.ts";
import { testEdges } from "./client-edges.ts";
import { FakeNetwork } from "./fake-network.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { networkFileOf } from "./network-file.ts";
import { keysOf, paidCoin, payInto } from "./paid-coin.ts";
import { testCurve } from "./test-curve.ts";

export const SERVERS = ["node-a", "node-b", "node-c"];
const GENESIS_TIME = 1_700_000_000_000;
let stores = 0;

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
  /** What payments are made with. */
  payingCurve: CurveBackend = testCurve;
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
    const { genesis: own, tip } = this.server.ledger;
    const genesis = { ...own, time: timeMs(genesisTime) };
    const { header } = tip;
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

  /** The next write of the store fails, and all after it as long as it is open. */
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
      forgetRecords: (kept: readonly string[]) => {
        this.onForget?.();
        return store.forgetRecords(kept);
      },
      erase: () => store.erase(),
      close: () => store.close(),
      write: (changes: Parameters<ClientStore["write"]>[0]) => {
        if (changes.puts.some(({ key }) => key.startsWith("payment/"))) this.#onWrite?.();
        return this.#stopsWriting ? Promise.reject(new Error("disk on fire")) : store.write(changes);
      },
      writeIfRoom: (changes: Parameters<ClientStore["write"]>[0]) => store.writeIfRoom(changes),
    });
    const ports: LightClientPorts = {
      ...testEdges({
        store: failing,
        startMs: this.server.ledger.tip.header.time + 500,
        label: `${device} ${this.identities.length}`,
        fetchNetworkFile: () => this.fileArrives.then(() => this.networkFile),
        payingCurve: () => this.payingCurve,
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
    this.#stopsWriting = false;
  }

  /** Coins for an address, in the next block. */
  pay(address: string, micro: bigint): void {
    const { ledger } = this.server;
    this.server.extend([payInto(ledger, paidCoin(ledger, keysOf(address), micro).coin).transaction]);
  }

  /** A new wallet for the open client, at the newest block and with these coins; its address. */
  async makeWallet(micro = 0n): Promise<string> {
    const { accounts } = this.client!;
    const made = await accounts.create();
    if (!made.ok) throw new Error(made.code);
    const address = await accounts.address({ fresh: false });
    await this.live();
    if (micro > 0n) this.pay(address, micro);
    await this.balance(micro);
    return address;
  }

  /** The id of a proposal to pay. */
  async propose(to: string, micro = 1n, memo = ""): Promise<string> {
    const proposed = await this.client!.payments.propose({ to, amount: amount(micro), memo });
    if (!proposed.ok) throw new Error(proposed.code);
    return proposed.proposal.proposalId;
  }

  async until<T>(read: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
    const endsAt = performance.now() + 60_000;
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
