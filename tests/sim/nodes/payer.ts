import { formatHex } from "../../../src/core/bytes/hex.ts";
import { encodeOutputCore } from "../../../src/core/chain/output.ts";
import { transactionId, type Transaction } from "../../../src/core/chain/transaction.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type { NetworkParams } from "../../../src/core/params/network-params.ts";
import type { BlockCommit } from "../../../src/core/ports/full-node-store.ts";
import { PacketTraffic } from "./packet-traffic.ts";
import type { SeededNumbers } from "../../support/seeded-numbers.ts";
import { LedgerBuilder, type TestCoin } from "../../support/ledger-builder.ts";

const NOTES_AT_START = 16;
/** What a payment takes of a note: enough for the other coin to pay for many more. */
const PARTS = [1_000_000_000n, 2_000_000_000n];
/** Notes below are let lie. */
const NOTE_MIN = 3_000_000_000n;
/** With more notes than this several are spent at once, so that the state does not grow for ever. */
const NOTES_KEPT = 32;

/** A payment that its owner waits for; one of two that spend the same note, or alone. */
interface Waiting {
  readonly transaction: Transaction;
  readonly rival: Transaction | undefined;
}

/** Somebody who pays himself all the time, now and then twice with the same note. */
export class Payer {
  readonly builder: LedgerBuilder;
  /** By txid of the first of two rivals. */
  readonly #waiting = new Map<string, Waiting>();
  /** By core, as hex. */
  readonly #coins = new Map<string, TestCoin>();
  readonly packets: PacketTraffic;
  paid = 0;

  constructor(given: { seed: number; validatorCount: number; bls: BlsBackend; params: NetworkParams }) {
    const { seed, validatorCount, bls, params } = given;
    this.builder = new LedgerBuilder({
      bls,
      params,
      validatorCount,
      noteCount: NOTES_AT_START,
      label: `payer ${seed}`,
    });
    this.packets = new PacketTraffic(this.builder, (coin) => this.#remember(coin));
  }

  /** One payment, or two of which one can become final; none while all notes are on their way. */
  pay(numbers: SeededNumbers): readonly Transaction[] {
    const { notes } = this.builder;
    if (notes.length === 0) return [];
    const spends = this.builder.take(notes.length > NOTES_KEPT ? 4 : 1);
    const [first, ...rivals] = PARTS.slice(0, numbers.chance(0.2) ? 2 : 1).map((part) => {
      const { transaction, makes } = this.builder.transfer(spends, [0n, part]);
      for (const coin of makes) this.#remember(coin);
      return transaction;
    });
    this.#waiting.set(formatHex(transactionId(first!)), { transaction: first!, rival: rivals[0] });
    return [first!, ...rivals];
  }

  /** What has been paid and is not final: an owner hands it in again. */
  unpaid(): readonly Transaction[] {
    return [...this.#waiting.values()].map(({ transaction }) => transaction);
  }

  /** A block is final: its coins are notes. */
  blockFinal(commit: BlockCommit): void {
    this.packets.blockFinal(commit);
    const txids = new Set(commit.txids.map(formatHex));
    for (const [key, { rival }] of this.#waiting) {
      const isPaid = txids.has(key) || (rival !== undefined && txids.has(formatHex(transactionId(rival))));
      if (!isPaid) continue;
      this.#waiting.delete(key);
      this.paid++;
    }
    for (const [leaf, core] of commit.cores) {
      const coin = this.#coins.get(formatHex(core));
      if (coin !== undefined && coin.amount >= NOTE_MIN)
        this.builder.notes = [...this.builder.notes, { ...coin, leaf }];
    }
  }

  #remember(coin: TestCoin): void {
    this.#coins.set(formatHex(encodeOutputCore(coin.output.core)), coin);
  }
}
