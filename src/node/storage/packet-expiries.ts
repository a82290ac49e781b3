import type { ClassicLevel } from "classic-level";
import { decodeOutputCore, OUTPUT_TYPE } from "../../core/chain/output.ts";
import { EXPIRED_PACKETS_MAX } from "../../core/params/limits.ts";
import { LEAF_INDEX_LIMIT, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { expiryOfKey, packetExpiryKey, type StoreOperation } from "./key-spaces.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** What makes a new packet findable by its expiry, or no longer once it has ended; nothing for other outputs. */
export function packetExpiryOperations(
  type: StoreOperation["type"],
  leaf: LeafIndex,
  core: Uint8Array,
): readonly StoreOperation[] {
  if (core[0] !== OUTPUT_TYPE.packet) return [];
  const packet = decodeOutputCore(core);
  if (packet.type !== "packet") return [];
  const key = packetExpiryKey(packet.expiry, leaf);
  return type === "put" ? [{ type, key, value: new Uint8Array(0) }] : [{ type, key }];
}

/**
 * The live packets that expire first (RP-7). A block asks for them while it is executed, which waits for nothing, and the
 * database reads ranges only to those who wait: so what the next block can ask for is read with each commit.
 */
export class PacketExpiries {
  readonly #database: Database;
  /** Ascending: all up to #upTo, or the first EXPIRED_PACKETS_MAX. */
  #first: readonly Expiry[] = [];
  #upTo = Number.MAX_SAFE_INTEGER;
  /** No record is below: what has gone leaves traces in the database for a while, and need not be passed each time. */
  #from = 0;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(database: Database): Promise<PacketExpiries> {
    const opened = new PacketExpiries(database);
    opened.#first = await opened.#read();
    return opened;
  }

  /** The batch of a block of this time is on disk. A packet expires no sooner than the parent of its block (RP-1). */
  async committed(time: TimeMs): Promise<void> {
    this.#upTo = time;
    this.#first = await this.#read();
    this.#from = Math.min(this.#first[0]?.expiry ?? time, time);
  }

  /** Those that have expired at a time up to the last block's, by expiry, then by leaf. */
  expired(at: TimeMs, countMax: number): readonly LeafIndex[] {
    if (at > this.#upTo || countMax > EXPIRED_PACKETS_MAX) throw new RangeError(`${countMax} packets expired at ${at}`);
    const expired = this.#first.filter(({ expiry }) => expiry <= at).slice(0, countMax);
    return expired.map(({ leaf }) => leaf);
  }

  async #read(): Promise<readonly Expiry[]> {
    const range = { gte: packetExpiryKey(this.#from, 0), lte: packetExpiryKey(this.#upTo, LEAF_INDEX_LIMIT - 1) };
    const keys = await this.#database.keys({ ...range, limit: EXPIRED_PACKETS_MAX }).all();
    return keys.map(expiryOfKey);
  }
}

interface Expiry {
  readonly expiry: number;
  readonly leaf: LeafIndex;
}
