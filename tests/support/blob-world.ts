import { sealBlob } from "../../src/core/blob/sealed-blob.ts";
import type { BlobWorkJob } from "../../src/core/blob/blob-work.ts";
import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import type { LightClientState } from "../../src/core/machines/light-client-state.ts";
import { peerOfAddress } from "../../src/core/sync/known-nodes.ts";
import type { NetworkConfig } from "../../src/core/sync/network-config.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { BlobsService } from "../../src/engine/services/blobs.ts";
import type { BlobRun } from "../../src/engine/services/blob-nodes.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import { placeBlob } from "../../src/core/blob/place-blob.ts";
import { RequestGuard } from "../../src/node/network/request-guard.ts";
import { serveBlob } from "../../src/node/network/serve-blob.ts";
import { MemoryClientStore } from "../../src/node/storage/memory-client-store.ts";
import { testEdges } from "./client-edges.ts";
import { FakeNetwork } from "./fake-network.ts";
import { TurnedClock } from "./ledger-client.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";

export const BLOB_WORLD_START = 1_700_000_000_000;
const NODES = ["nodea", "nodeb", "nodec", "noded", "nodee", "nodef", "nodeg"];

/** Seven nodes that keep blobs, and devices that put and read them. */
export class BlobWorld {
  readonly network = new FakeNetwork();
  readonly clock = new TurnedClock(BLOB_WORLD_START);
  readonly stores = new Map<string, MemoryBlobStore>();
  readonly ports = new Map<string, NetworkPort>();
  /** Who has asked whom. */
  readonly asked: { readonly by: string; readonly node: string }[] = [];
  readonly blamed: string[] = [];
  readonly jobs: BlobWorkJob[] = [];
  /** Called at each place where a device may end. */
  onPlace: (place: string) => void = () => undefined;
  #hosts = 0;

  static async open(): Promise<BlobWorld> {
    const world = new BlobWorld();
    for (const name of NODES) await world.serve(name);
    return world;
  }

  async serve(name: string): Promise<void> {
    const store = this.stores.get(name) ?? new MemoryBlobStore();
    this.stores.set(name, store);
    // Its address has to end with a name, as those of real nodes do.
    const port = this.network.join(`${name}/p2p/${name}`);
    this.ports.set(name, port);
    port.onPeer(({ peer, connected }) => connected && this.asked.push({ by: peer, node: name }));
    const tell = (peer: string): void => void this.blamed.push(peer);
    const guard = new RequestGuard({ malformed: tell, tooMany: tell, rejected: tell }, () => 0);
    const now = () => timeMs(this.clock.now());
    await serveBlob(port, { store, now, failed: () => undefined, steadyMs: () => this.clock.now() }, guard);
  }

  async leave(name: string): Promise<void> {
    await this.ports.get(name)?.stop();
  }

  /** Names of the nodes of a blob, nearest first. */
  placesOf(blobId: Hash): readonly string[] {
    return placeBlob(blobId, NODES);
  }

  keepersOf(blobId: Hash): readonly string[] {
    const now = timeMs(this.clock.now());
    return NODES.filter((name) => this.stores.get(name)!.sizeOf(blobId, now) !== undefined);
  }

  device(store: ClientStore = new MemoryClientStore(), clockOffMs = 0): BlobDevice {
    return new BlobDevice(this, store, clockOffMs);
  }

  openHost(): Promise<NetworkPort> {
    this.onPlace("host");
    return Promise.resolve(this.network.join(`visitor${this.#hosts++}`));
  }
}

/** One life of a device's service. */
export class BlobDevice {
  readonly store: ClientStore;
  readonly service: BlobsService;
  readonly #world: BlobWorld;
  readonly #waiters = new Set<() => void>();
  readonly #clockOffMs: number;
  #phase: "running" | "halted" = "running";
  #isOver = false;

  constructor(world: BlobWorld, store: ClientStore, clockOffMs: number) {
    this.#world = world;
    this.#clockOffMs = clockOffMs;
    this.store = store;
    const edges = testEdges({
      store: this.#watched(store),
      startMs: BLOB_WORLD_START,
      label: "blobs",
      fetchNetworkFile: () => Promise.resolve(undefined),
      openHost: () => world.openHost(),
    });
    const jobs = {
      ...edges.jobs,
      findBlobWork: (job: BlobWorkJob) => {
        world.jobs.push(job);
        world.onPlace("work");
        return edges.jobs.findBlobWork(job);
      },
    };
    const run = this.#run();
    const timers = {
      now: () => world.clock.now() + clockOffMs,
      after: (delayMs: number, callback: () => void) => world.clock.after(delayMs, callback),
    };
    this.service = new BlobsService({ ...edges, jobs, timers }, () => (this.#isOver ? undefined : run));
    this.service.begun();
  }

  /** As if the process had died: nothing more of it is seen. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.service.stopped();
  }

  fork(): void {
    this.#phase = "halted";
    for (const check of [...this.#waiters]) check();
  }

  #run(): BlobRun {
    const nodes = NODES.map((name) => ({ operator: name, addresses: [`/fake/${name}/p2p/${name}`] }));
    if (nodes.some(({ addresses }) => peerOfAddress(addresses[0]!) === undefined)) throw new Error("no such names");
    const config = { network: "dev", chainId: 1_000, nodes } as unknown as NetworkConfig;
    const state = (): LightClientState =>
      ({
        config,
        phase: this.#phase,
        durable: { known: { listed: nodes, learnt: [] } },
        // What blocks say of a clock that is off.
        trust: { clock: { verdict: this.#clockOffMs === 0 ? undefined : "ahead" } },
        chain: { header: { time: this.#world.clock.now() } },
      }) as unknown as LightClientState;
    return {
      get state() {
        return state();
      },
      until: (isWanted) =>
        new Promise((resolve) => {
          const check = (): void => {
            if (isWanted(state())) resolve(state());
          };
          this.#waiters.add(check);
          check();
        }),
    };
  }

  #watched(store: ClientStore): ClientStore {
    return Object.assign(Object.create(store) as ClientStore, {
      write: (changes: Parameters<ClientStore["write"]>[0]) => {
        this.#world.onPlace("before write");
        return store.write(changes).then(() => this.#world.onPlace("after write"));
      },
      records: () => store.records(),
    });
  }
}

export const smallBlob = (number: number) => {
  const key = new Uint8Array(32).fill(number);
  return { key, ...sealBlob(key, Uint8Array.of(1, 2, number)) };
};

/** Everything that needs no further time has come to rest. */
export async function rest(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
}
