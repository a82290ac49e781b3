import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { decodeLogEntry } from "../../../src/core/consensus/consensus-log.ts";
import type { FullNodeWrite } from "../../../src/core/machines/full-node-events.ts";
import type { BlockCommit, ConsensusLogEntry, KeptFrom } from "../../../src/core/ports/full-node-store.ts";
import { decodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { retentionAt } from "../../../src/core/sync/retention.ts";
import type { Height } from "../../../src/core/values/height.ts";
import { keepFrom } from "../../../src/node/prune-database.ts";
import type { SignerFile, SignerRecord } from "../../../src/node/storage/signer-file.ts";
import { MemoryStore } from "../../support/memory-store.ts";

const PRUNE_SLICE_HEIGHTS = 16;

/** The process ended while it wrote. */
export class PowerCut extends Error {}

/** How much can still be written before the power fails. */
class Power {
  partsLeft = Infinity;

  /** Of these parts so many reach the disk. */
  spend(parts: number): number {
    const written = Math.min(parts, this.partsLeft);
    this.partsLeft -= written;
    return written;
  }
}

/** A database that tears a batch of log entries behind any of them, and has a block wholly or not at all. */
class CuttableStore extends MemoryStore {
  /** All that was ever written, oldest first. */
  readonly history: ((store: MemoryStore) => Promise<void>)[] = [];
  /** Of the last block. */
  height = 0;
  readonly #power: Power;

  constructor(power: Power) {
    super();
    this.#power = power;
  }

  override async commit(commit: BlockCommit): Promise<void> {
    if (this.#power.spend(1) === 0) throw new PowerCut();
    await super.commit(commit);
    this.height = commit.height;
    this.history.push((store) => store.commit(commit));
  }

  override async keepEvidence(encoded: Uint8Array): Promise<void> {
    if (this.#power.spend(1) === 0) throw new PowerCut();
    await super.keepEvidence(encoded);
  }

  override async appendLog(at: Height, entries: readonly ConsensusLogEntry[]): Promise<void> {
    const written = entries.slice(0, this.#power.spend(entries.length));
    await super.appendLog(at, written);
    this.history.push((store) => store.appendLog(at, written));
    if (written.length < entries.length) throw new PowerCut();
  }
}

/** The signer file of `node/storage/signer-file.ts` in memory: a record is there or not. */
class MemorySigner implements SignerFile {
  #records: readonly SignerRecord[] = [];
  readonly #power: Power;
  readonly #forgets: boolean;

  constructor(power: Power, forgets: boolean) {
    this.#power = power;
    this.#forgets = forgets;
  }

  claim(record: SignerRecord): Promise<boolean> {
    const last = this.#records[0]?.height ?? -1;
    if (record.height < last) return Promise.resolve(false);
    const held = record.height > last ? [] : this.#records;
    const known = held.find(({ round, type }) => round === record.round && type === record.type);
    if (known !== undefined) return Promise.resolve(equalBytes(known.hash, record.hash));
    if (this.#power.spend(1) === 0) return Promise.reject(new PowerCut());
    if (!this.#forgets) this.#records = [...held, record];
    return Promise.resolve(true);
  }

  newest(): readonly SignerRecord[] {
    return this.#records;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What of a node outlives its process. */
export class SimulatedDisk {
  store: CuttableStore;
  readonly signer: MemorySigner;
  readonly #power = new Power();

  /** @param forgetsSignatures A planted fault: the signer file takes every record and keeps none. */
  constructor(forgetsSignatures = false) {
    this.store = new CuttableStore(this.#power);
    this.signer = new MemorySigner(this.#power, forgetsSignatures);
  }

  /** The power fails behind so many parts of what is written from here on. */
  cutAfter(parts: number): void {
    this.#power.partsLeft = parts;
  }

  powerUp(): void {
    this.#power.partsLeft = Infinity;
  }

  /** Deletes what a node that is no archive does not keep (5.5), as `DatabasePruner` does after a boundary. */
  async prune(): Promise<void> {
    const { store } = this;
    const { header, chain } = decodeLedgerTip(store.tip()!);
    const { blocksSince, windowSince, payloadsSince } = retentionAt(header.time, chain.params);
    const kept = store.keptFrom();
    const keep: KeptFrom = {
      blocks: await keepFrom(store, kept.blocks, blocksSince),
      window: await keepFrom(store, kept.window, windowSince),
      payloads: await keepFrom(store, kept.payloads, payloadsSince),
    };
    while (await store.prune(keep, PRUNE_SLICE_HEIGHTS));
  }

  /** Brings back the database as it was before its last writes; the first of all, genesis, stays. */
  async rollBack(writes: number): Promise<void> {
    const kept = this.store.history.slice(0, Math.max(1, this.store.history.length - writes));
    const older = new CuttableStore(this.#power);
    for (const write of kept) await write(older);
    this.store = older;
  }
}

/** In how many places the power can fail in the writes of one step: behind each entry, claim and block. */
export function countParts(writes: readonly FullNodeWrite[]): number {
  return writes.reduce((sum, write) => {
    if (write.type !== "write-log") return sum + 1;
    const { type } = decodeLogEntry(write.entry);
    return sum + (type === "vote" || type === "proposal" ? 2 : 1);
  }, 0);
}
