import { encodeOutputCore, type OutputCore } from "../../src/core/chain/output.ts";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import type { LeafRecord } from "../../src/core/ports/ledger-reader.ts";
import { applyLeaves } from "../../src/core/state/apply-block.ts";
import { encodeStakeState } from "../../src/core/state/leaf-state.ts";
import { tileLeafOf } from "../../src/core/state/tree.ts";
import { amount } from "../../src/core/values/amount.ts";
import { hash, ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { height, leafIndex, timeMs, type Height, type LeafIndex } from "../../src/core/values/height.ts";
import { hashOf } from "./block-commits.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import type { SeededNumbers } from "./seeded-numbers.ts";
import { TestTree } from "./test-tree.ts";

/** What a made-up block does to the state. */
export interface RandomBlock {
  readonly outputs: number;
  readonly spends?: number;
  /** Stakes whose state changes in place (BL-3). */
  readonly changes?: number;
  /** Present where the block ends an epoch: how many boundaries stay readable. */
  readonly keepCount?: number;
}

/** The state as it was after a boundary, copied whole. */
export interface PastState {
  readonly height: Height;
  readonly root: Hash;
  readonly nextLeaf: number;
  readonly leaves: ReadonlyMap<LeafIndex, LeafRecord>;
}

/**
 * Random outputs, spends and state changes through the real tree into real stores, without keys, signatures and
 * proofs: no block here is valid, but every state is one that blocks could leave.
 */
export class RandomLedger {
  readonly boundaries: PastState[] = [];
  readonly ledger = new MemoryLedger();
  root: Hash = ZERO_HASH;
  nextLeaf = 0;
  nextHeight = 0;
  readonly #numbers: SeededNumbers;
  readonly #stores: readonly FullNodeStore[];

  constructor(numbers: SeededNumbers, stores: readonly FullNodeStore[]) {
    this.#numbers = numbers;
    this.#stores = stores;
  }

  async block({ outputs, spends = 0, changes: changeCount = 0, keepCount }: RandomBlock): Promise<void> {
    const at = height(this.nextHeight);
    const live = [...this.ledger.leaves.keys()];
    const spent = new Set(Array.from({ length: Math.min(spends, live.length) }, () => this.#numbers.pick(live)));
    const created = new Map<LeafIndex, LeafRecord>();
    const cores = new Map<LeafIndex, Uint8Array>();
    const rewritten = new Map<LeafIndex, LeafRecord>();
    for (let index = 0; index < outputs; index++) {
      const leaf = leafIndex(this.nextLeaf + index);
      const record = this.#record(at);
      created.set(leaf, record);
      cores.set(leaf, record.core);
    }
    for (let index = 0; index < changeCount && live.length > 0; index++) {
      const leaf = this.#numbers.pick(live);
      const record = this.ledger.leaf(leaf)!;
      if (record.stateFields.length > 0 && !spent.has(leaf)) {
        rewritten.set(leaf, { ...record, stateFields: this.#stakeState() });
      }
    }
    const tileLeaves = new Map([...created].map(([leaf, record]) => [leaf, tileLeafOf(leaf, record)]));
    const { changes, root } = applyLeaves(this.ledger, spent, { records: created, tileLeaves }, rewritten);
    this.ledger.apply(changes);
    this.root = root;
    this.nextLeaf += outputs;
    this.nextHeight++;
    const boundary =
      keepCount === undefined ? undefined : { nextLeaf: this.nextLeaf, keepCount, tail: new Uint8Array(9) };
    if (boundary !== undefined) {
      this.boundaries.push({ height: at, root, nextLeaf: this.nextLeaf, leaves: new Map(this.ledger.leaves) });
    }
    const none = new Uint8Array();
    for (const store of this.#stores) {
      await store.commit({
        height: at,
        blockId: hashOf("random block", at),
        time: timeMs(at),
        tip: Uint8Array.of(1),
        header: none,
        certificate: none,
        block: none,
        compact: none,
        changes,
        payloads: new Map(),
        rangeProofs: new Map(),
        cores,
        txids: [],
        validatorSet: undefined,
        award: undefined,
        boundary,
      });
    }
  }

  #record(at: Height): LeafRecord {
    const isStake = this.#numbers.chance(0.1);
    const [oneTimeKey, commitment, ephemeralKey] = [this.#bytes(32), this.#bytes(32), this.#bytes(32)];
    const viewTag = this.#bytes(2);
    const core: OutputCore = isStake
      ? {
          type: "stake",
          oneTimeKey,
          amount: amount(5n),
          ephemeralKey,
          viewTag,
          blsKey: this.#bytes(48),
          possessionProof: this.#bytes(96),
          reward: { spendKey: this.#bytes(32), viewKey: this.#bytes(32) },
        }
      : {
          type: "coin",
          oneTimeKey,
          commitment,
          ephemeralKey,
          amountEnc: this.#bytes(8),
          anchorEnc: this.#bytes(16),
          viewTag,
          payloadTag: this.#bytes(16),
          payloadHash: hash(this.#bytes(32)),
          rangeProofHash: hash(this.#bytes(32)),
        };
    return { height: at, core: encodeOutputCore(core), stateFields: isStake ? this.#stakeState() : new Uint8Array() };
  }

  #stakeState(): Uint8Array {
    const release = timeMs(this.#numbers.between(0, 1_000_000));
    return encodeStakeState({ isUnbonding: this.#numbers.chance(0.5), amount: amount(5n), release });
  }

  #bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.#numbers.between(0, 255));
  }
}

/** The tree of a past state, built anew from its leaves alone. */
export function treeOf(state: PastState): TestTree {
  const tree = new TestTree();
  tree.update(new Map([...state.leaves].map(([leaf, record]) => [leaf, tileLeafOf(leaf, record)])));
  return tree;
}
