import type { Claim } from "../../../src/core/chain/claim.ts";
import { decodeTransaction, encodeTransaction } from "../../../src/core/chain/transaction.ts";
import type { FullNodeEvent } from "../../../src/core/machines/full-node-events.ts";
import {
  createFullNodeState,
  type FullNodeDeps,
  type FullNodeState,
} from "../../../src/core/machines/full-node-state.ts";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { buildBlock } from "../../../src/core/state/build-block.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { CompiledKernels } from "../../../src/node/crypto/compiled-kernels.ts";
import { openProofPool } from "../../../src/node/crypto/proof-pool.ts";
import { systemRandom } from "../../../src/node/edges.ts";
import { proofClaims } from "../../../src/node/perform-effects.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { PacketBuilder } from "../../support/packet-builder.ts";

/** Claims that are offered in a second. */
const OFFERED_PER_S = 10_000;
/** Prepared beforehand and offered in turn: a copy is a claim that nobody has seen, once its signatures differ. */
const CLAIMS = 4_096;
const TRANSFERS = 48;
const SHARES = 64;
const ROUND_MS = 2_000;
const ROUNDS = 3;

export interface BadClaimFigures {
  /** Time to build a block while the claims come in, over the same alone: best round over best round. */
  readonly bad_claims_block_ratio: number;
  /** Of the thread that votes and builds, for each of them. */
  readonly bad_claim_us: number;
}

/**
 * What claims that nobody has signed rightly do to a node that builds blocks: its machine with all of admission, fed
 * with their bytes by the clock, its proof thread, and blocks built between them on the same thread.
 */
export async function measureBadClaims(say: (line: string) => void): Promise<BadClaimFigures> {
  const node = new OfferedNode();
  try {
    const alone: number[] = [];
    const under: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await node.round(0));
      under.push(await node.round(OFFERED_PER_S));
    }
    const ratio = Math.min(...under) / Math.min(...alone);
    say(
      `a block of ${TRANSFERS} payments is built in ${Math.min(...alone).toFixed(1)} ms, ` +
        `under ${OFFERED_PER_S} bad claims a second in ${Math.min(...under).toFixed(1)} ms`,
    );
    const microseconds = (1_000 * node.claimsMs) / node.claims;
    return {
      bad_claims_block_ratio: Math.round(100 * ratio) / 100,
      bad_claim_us: Math.round(10 * microseconds) / 10,
    };
  } finally {
    await node.close();
  }
}

class OfferedNode {
  readonly #builder = new LedgerBuilder({ label: "bad claims", noteCount: TRANSFERS + 1 });
  readonly #pool = openProofPool(new CompiledKernels().forThread());
  readonly #deps: FullNodeDeps;
  readonly #claims: readonly Uint8Array[];
  readonly #transactions;
  #state: FullNodeState;
  #next = 0;
  /** Of the claims so far, on this thread. */
  claimsMs = 0;
  claims = 0;

  constructor() {
    const { deps, ledger } = this.#builder;
    const packets = new PacketBuilder(this.#builder);
    const shares = Array.from({ length: SHARES }, (_, share) => BigInt(share + 1));
    const [packet] = packets.pack(packets.make(shares, { lifeMs: 600_000 }));
    const base = packets.claim(packet!);
    this.#claims = Array.from({ length: CLAIMS }, () => encodeTransaction(badClaim(base)));
    this.#transactions = Array.from({ length: TRANSFERS }, () => {
      return this.#builder.transfer(this.#builder.take(1)).transaction;
    });
    const { tip, seatHistory } = this.#builder;
    const { chainId, params } = tip.chain;
    this.#deps = {
      ledger: deps,
      reader: ledger,
      consensus: { bls: deps.bls, params, chainId, signer: undefined },
      stemSecret: systemRandom.bytes(32),
      unjails: false,
    };
    const { height, time } = tip.header;
    this.#state = createFullNodeState(tip, undefined, { height, blockId: tip.blockId, time }, seatHistory);
    this.#post({ type: "started", now: this.#now(), log: [] });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Milliseconds for a block, with what came in meanwhile. */
  async round(perSecond: number): Promise<number> {
    const begun = performance.now();
    let [built, offered] = [0, 0];
    while (performance.now() - begun < ROUND_MS) {
      const { tip, deps, ledger } = this.#builder;
      const result = buildBlock(deps, tip, ledger, this.#builder.draft(this.#transactions));
      if (!result.ok) throw new Error(result.rule);
      built++;
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
      const from = performance.now();
      this.claims += due - offered;
      for (; offered < due; offered++) this.#offer();
      this.claimsMs += performance.now() - from;
      // Verdicts of the proof thread have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (performance.now() - begun) / built;
  }

  #offer(): void {
    const bytes = this.#claims[this.#next % CLAIMS]!;
    const round = Math.floor(this.#next / CLAIMS);
    this.#next++;
    // The last byte is of its last signature.
    const fresh = bytes.with(-1, (bytes.at(-1)! + round) & 0xff);
    const transaction = decodeTransaction(fresh);
    this.#post({ type: "transaction-received", now: this.#now(), transaction, reply: this.#next, source: "gossip" });
  }

  #now() {
    return timeMs(this.#builder.tip.header.time + 1_000);
  }

  #post(event: FullNodeEvent): void {
    const [state, effects] = stepFullNode(this.#deps, this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type !== "verify-proofs") continue;
      const { job } = effect;
      const verified = this.#pool.verify(proofClaims(this.#builder.tip.chain.chainId, effect)).then((rules) => {
        const good = rules.map((rule) => rule === undefined);
        this.#post({ type: "proofs-verified", now: this.#now(), job, good });
      });
      // Whatever waits when the measurement ends is for nobody.
      void verified.catch(() => undefined);
    }
  }
}

/** Anybody can make these: a coin of his own, and signatures out of thin air. */
function badClaim(base: Claim): Claim {
  const bytes = (size: number): Uint8Array => systemRandom.bytes(size);
  const coin = { oneTimeKey: bytes(32), ephemeralKey: bytes(32).with(31, 1) };
  return { ...base, ...coin, ownerSignature: bytes(64), packetSignature: bytes(64) };
}
