import { formatHex } from "../../../src/core/bytes/hex.ts";
import { decodeHeader } from "../../../src/core/chain/header.ts";
import { decodeOutputCore, encodeOutputCore } from "../../../src/core/chain/output.ts";
import { REFUND_SLOT } from "../../../src/core/chain/packet-coins.ts";
import type { PacketGate } from "../../../src/core/chain/packet-output.ts";
import type { Transaction } from "../../../src/core/chain/transaction.ts";
import type { BlockCommit } from "../../../src/core/ports/full-node-store.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import type { LedgerBuilder, TestCoin } from "../../support/ledger-builder.ts";
import { PacketBuilder, type MadePacket, type TestPacket } from "../../support/packet-builder.ts";
import type { SeededNumbers } from "../../support/seeded-numbers.ts";

const PACKETS_MAX = 6;
/** The payer keeps so many notes for himself. */
const NOTES_LEFT = 4;
/** Some packets end within one storm, some outlive it. */
const LIVES_MS = [22_000, 45_000, 300_000];
const GATES: readonly (PacketGate | "ticket")[] = [
  { mode: "open" },
  { mode: "open" },
  { mode: "chance", powBits: 1 },
  "ticket",
];

/** People who pack, who claim more often than there are shares, and who take back. Nobody waits for any of it. */
export class PacketTraffic {
  readonly #builder: LedgerBuilder;
  readonly #packets: PacketBuilder;
  readonly #remember: (coin: TestCoin) => void;
  /** By core, as hex. */
  readonly #made = new Map<string, MadePacket>();
  #live: readonly TestPacket[] = [];
  #time: number;
  drawn = 0;
  refunded = 0;

  /** `remember` takes change that is to become a note. */
  constructor(builder: LedgerBuilder, remember: (coin: TestCoin) => void) {
    this.#builder = builder;
    this.#packets = new PacketBuilder(builder);
    this.#remember = remember;
    this.#time = builder.tip.header.time;
  }

  act(numbers: SeededNumbers): readonly Transaction[] {
    const transactions: Transaction[] = [];
    if (numbers.chance(0.8) && this.#live.length < PACKETS_MAX && this.#builder.notes.length > NOTES_LEFT) {
      transactions.push(this.#pack(numbers));
    }
    for (const packet of this.#live) {
      if (numbers.chance(0.8)) transactions.push(...this.#claims(numbers, packet));
      if (numbers.chance(0.05)) transactions.push(this.#packets.takeBack(packet));
    }
    return transactions;
  }

  /** A block is final. */
  blockFinal(commit: BlockCommit): void {
    this.#time = decodeHeader(commit.header).time;
    for (const [leaf, bytes] of commit.cores) {
      const made = this.#made.get(formatHex(bytes));
      if (made !== undefined) this.#live = [...this.#live, { ...made, leaf }];
      const core = decodeOutputCore(bytes);
      if (core.type !== "drawn") continue;
      if (core.slot === REFUND_SLOT) this.refunded++;
      else this.drawn++;
    }
    const { leaves } = commit.changes;
    this.#live = this.#live.filter(({ leaf }) => !leaves.has(leaf) || leaves.get(leaf) !== undefined);
  }

  #pack(numbers: SeededNumbers): Transaction {
    const amounts = Array.from({ length: numbers.between(1, 4) }, (_, index) => BigInt(1_000 * (index + 1)));
    const gate = numbers.pick(GATES);
    const change = { expiry: timeMs(this.#time + numbers.pick(LIVES_MS)) };
    const made = this.#packets.make(amounts, gate === "ticket" ? { withTickets: true, change } : { gate, change });
    this.#made.set(formatHex(encodeOutputCore(made.core)), made);
    const { transaction, makes } = this.#packets.transfer([made]);
    for (const coin of makes) if (coin.output.core.type === "coin") this.#remember(coin);
    return transaction;
  }

  /** One, or two under one key, of which one can become final. */
  #claims(numbers: SeededNumbers, packet: TestPacket): readonly Transaction[] {
    const ownerSecret = this.#packets.secret();
    return Array.from({ length: numbers.chance(0.2) ? 2 : 1 }, () =>
      this.#packets.claim(packet, { ownerSecret, ticket: numbers.between(0, 1) }),
    );
  }
}
