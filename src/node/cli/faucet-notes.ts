import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { decodeHeader } from "../../core/chain/header.ts";
import { decodeOutputCore, OUTPUT_TYPE, type OutputCore } from "../../core/chain/output.ts";
import { scanFieldsOf } from "../../core/chain/scan-fields.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import { x25519 } from "../../core/crypto/key-agreement.ts";
import { deriveTags, hasViewTag } from "../../core/crypto/output-keys.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { AddressKeys } from "../../core/values/address.ts";
import { height, leafIndex, type Height, type LeafIndex, type TimeMs } from "../../core/values/height.ts";
import { deriveAddress, type ViewAllKeys } from "../../core/wallet/keys.ts";
import type { KeptNote } from "../../core/wallet/note.ts";
import { openOutput } from "../../core/wallet/open-output.ts";
import type { OpeningGuess } from "../../core/wallet/opened-note.ts";
import { matchViewTag } from "../../core/wallet/output-secrets.ts";
import type { Payment } from "../../core/wallet/payment.ts";
import { SubaddressTable } from "../../core/wallet/subaddress-table.ts";
import { EMPTY_WALLET, type WalletState } from "../../core/wallet/wallet-state.ts";

type LiveLeaf = readonly [LeafIndex, LeafRecord];

/** Bytes of the tags of one D. */
const TAGS_SIZE = 64;
/** Leaves looked at before the thread does something else. */
const LEAVES_PER_TURN = 500;

/**
 * What the faucet owns, read from the node's own database. It takes its change and the public outputs of genesis and
 * nothing else: both are found by hashing alone, so a restart on a long chain stays quick.
 */
export class FaucetNotes {
  readonly #curve: CurveBackend;
  readonly #keys: ViewAllKeys;
  readonly #home: AddressKeys;
  readonly #addresses: SubaddressTable;
  readonly #notes = new Map<LeafIndex, KeptNote>();
  readonly #payments = new Map<string, Payment>();
  #seen: { readonly height: Height; readonly timeMs: TimeMs };
  #sequence = 0;

  private constructor(
    curve: CurveBackend,
    keys: ViewAllKeys,
    seen: { readonly height: Height; readonly timeMs: TimeMs },
  ) {
    this.#curve = curve;
    this.#keys = keys;
    this.#seen = seen;
    this.#home = deriveAddress(curve, keys, 0);
    this.#addresses = new SubaddressTable(curve);
    this.#addresses.extend(0, keys, 1);
  }

  /** Looks through all live leaves. `seen` is a block the store had before: later ones are applied again, harmlessly. */
  static async load(
    curve: CurveBackend,
    keys: ViewAllKeys,
    store: FullNodeStore,
    seen: { readonly height: Height; readonly timeMs: TimeMs },
  ): Promise<FaucetNotes> {
    const notes = new FaucetNotes(curve, keys, seen);
    let waiting: LiveLeaf[] = [];
    for await (const live of store.liveLeaves()) {
      if (waiting.push(live) < LEAVES_PER_TURN) continue;
      notes.#takeLive(waiting);
      waiting = [];
      await new Promise((resolve) => setImmediate(resolve));
    }
    notes.#takeLive(waiting);
    return notes;
  }

  /** Decodes those alone that are public, or that a tag says may be change of ours. */
  #takeLive(leaves: readonly LiveLeaf[]): void {
    const fields = leaves.map(([, { core }]) => scanFieldsOf(core));
    const ephemeralKeys = concatBytes(...fields.map(({ ephemeralKey }) => ephemeralKey));
    const tags = this.#curve.tagsBatch(this.#keys.viewAllSecret, ephemeralKeys);
    for (const [place, [leaf, record]] of leaves.entries()) {
      const isPublic = record.core[0] === OUTPUT_TYPE.public;
      if (!isPublic && !hasViewTag(tags, TAGS_SIZE * place, fields[place]!.viewTag, 0)) continue;
      const core = decodeOutputCore(record.core);
      if (isPublic) this.#takePublic(leaf, record.height, core);
      else this.#takeChange(leaf, record.height, core);
    }
  }

  #takePublic(leaf: LeafIndex, at: Height, core: OutputCore): void {
    if (core.type !== "public" || !equalBytes(core.recipient.spendKey, this.#home.spendKey)) return;
    const secret = x25519(this.#curve, this.#keys.viewSecret, core.ephemeralKey);
    this.#take(leaf, at, core, [{ origin: "external", n: 0, secret }]);
  }

  /** The wallet as the payment functions want it; pending payments lock their notes. */
  wallet(): WalletState {
    return { ...EMPTY_WALLET, scanned: this.#seen, notes: this.#notes, payments: this.#payments };
  }

  get pending(): readonly Payment[] {
    return [...this.#payments.values()];
  }

  lock(payment: Payment): void {
    this.#payments.set(formatHex(payment.txid), payment);
  }

  unlock(payment: Payment): void {
    this.#payments.delete(formatHex(payment.txid));
  }

  /** Applies the final blocks up to this height. */
  async follow(store: FullNodeStore, to: Height): Promise<void> {
    for (let at = this.#seen.height + 1; at <= to; at++) await this.#apply(store, height(at));
  }

  async #apply(store: FullNodeStore, at: Height): Promise<void> {
    const [compactBytes, headerBytes] = await Promise.all([store.compact(at), store.header(at)]);
    if (compactBytes === undefined || headerBytes === undefined)
      throw new Error("a final block is not in the database");
    const compact = decodeCompactBlock(compactBytes);
    for (const [index, entry] of compact.entries.entries()) {
      if (this.#guesses(entry).length === 0) continue;
      const leaf = leafIndex(compact.firstLeaf + index);
      const core = await store.core(leaf);
      if (core !== undefined) this.#takeChange(leaf, at, decodeOutputCore(core));
    }
    for (const leaf of compact.spent) this.#notes.delete(leaf);
    this.#seen = { height: at, timeMs: decodeHeader(headerBytes).time };
    for (const payment of this.#payments.values()) {
      const isSettled = payment.inputs.some((leaf) => !this.#notes.has(leaf));
      if (isSettled || payment.notAfter < this.#seen.timeMs) this.unlock(payment);
    }
  }

  #takeChange(leaf: LeafIndex, at: Height, core: OutputCore): void {
    if (core.type === "coin") this.#take(leaf, at, core, this.#guesses(core));
  }

  /** How an output could be change of ours (2.3 step 3, internal). */
  #guesses(entry: { readonly ephemeralKey: Uint8Array; readonly viewTag: Uint8Array }): readonly OpeningGuess[] {
    const secret = this.#keys.viewAllSecret;
    const counters = matchViewTag(deriveTags(secret, entry.ephemeralKey), entry.viewTag);
    return counters.map((n) => ({ origin: "internal", n, secret }));
  }

  #take(leaf: LeafIndex, at: Height, core: OutputCore, guesses: readonly OpeningGuess[]): void {
    for (const guess of guesses) {
      const opened = openOutput(this.#curve, this.#addresses, core, guess);
      if (opened === undefined) continue;
      const note = { ...opened, leaf, height: at, timeMs: this.#seen.timeMs };
      this.#notes.set(leaf, { sequence: this.#sequence++, note, spent: undefined });
      return;
    }
  }
}
