import { randomBytes } from "node:crypto";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { beaconMessage } from "../../../src/core/chain/beacon.ts";
import { EMPTY_CERTIFICATE, type Certificate } from "../../../src/core/chain/certificate.ts";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import { proposer } from "../../../src/core/chain/proposer.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { NetworkParams } from "../../../src/core/params/network-params.ts";
import { applyBlock } from "../../../src/core/state/apply-block.ts";
import { NO_PACKET_DRAWS } from "../../../src/core/state/draw-packets.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { genesisTip } from "../../../src/core/state/genesis-tip.ts";
import { nextHeight, type LedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { devGenesis } from "../../../src/core/wallet/dev-genesis.ts";
import { DatabasePruner } from "../../../src/node/prune-database.ts";
import type { DiskStore } from "../../../src/node/storage/level-store.ts";
import { fakeBls } from "../../support/fake-bls.ts";

const BEGIN = timeMs(1_700_000_000_000);
/** What a validator writes into its log at a height: a proposal and two votes, before each is signed. */
const LOG_ENTRY_BYTES = [900, 200, 200];

/**
 * A chain with all seats taken on which nothing happens, in time of its own: the real state, with rewards and weekly
 * payouts, and the real database, pruned and compacted by the node's own pruner when its clock says so. Nothing is
 * signed: certificates, and what a validator logs, are noise of their size.
 */
export class IdleChain {
  readonly #store: DiskStore;
  readonly #curve: CurveBackend;
  readonly #pruner: DatabasePruner;
  readonly #seeds: ReadonlyMap<string, Uint8Array>;
  #tip: LedgerTip;
  /** Newest block that ended an epoch. */
  #boundary: LedgerTip;
  #certificate: Certificate = EMPTY_CERTIFICATE;
  /** The pruner says what it holds at the end of each of its rounds, and nothing between. */
  #pruned: () => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;

  private constructor(store: DiskStore, curve: CurveBackend, tip: LedgerTip) {
    this.#store = store;
    this.#curve = curve;
    this.#tip = tip;
    this.#boundary = tip;
    const seeds = tip.nextValidators.map((_, index) => devValidatorSeed(index));
    this.#seeds = new Map(seeds.map((seed) => [formatHex(fakeBls.publicKey(seed)), seed]));
    this.#pruner = new DatabasePruner({
      store,
      state: () => {
        const { header, blockId } = this.#boundary;
        return { tip: this.#tip, boundary: { height: header.height, blockId, time: header.time } };
      },
      clock: {
        now: () => this.now,
        wakeAt: (_, wake) => {
          const waiting = setImmediate(wake);
          return () => clearImmediate(waiting);
        },
      },
      isArchive: false,
      log: () => this.#pruned(),
      failed: (error) => this.#failed(error),
    });
  }

  /** Block 0 in an empty store. */
  static async begin(store: DiskStore, curve: CurveBackend, params: NetworkParams): Promise<IdleChain> {
    const deps = { curve, bls: fakeBls };
    const genesis = devGenesis(deps, { time: BEGIN, params, validatorCount: params.maxValidators });
    const made = genesisTip(deps, genesis);
    if (!made.ok) throw new Error(`genesis refused: ${made.rule}`);
    await store.commit(blockCommit(made, made.block, EMPTY_CERTIFICATE));
    return new IdleChain(store, curve, made.tip);
  }

  /** The chain's own time. */
  get now(): TimeMs {
    return this.#tip.header.time;
  }

  get tip(): LedgerTip {
    return this.#tip;
  }

  /** Empty blocks at their pace to the end of the epoch, and then what a node does there. */
  async runEpoch(): Promise<void> {
    do await this.#extend();
    while (!this.#tip.header.isEpochEnd);
    this.#boundary = this.#tip;
    await new Promise<void>((resolve, reject) => {
      this.#pruned = resolve;
      this.#failed = reject;
      this.#pruner.wake();
    });
  }

  async stop(): Promise<void> {
    await this.#pruner.stop();
  }

  async #extend(): Promise<void> {
    const tip = this.#tip;
    const at = nextHeight(tip);
    const { chainId, params } = tip.chain;
    const seat = proposer(tip.epochSeed, at, 0, tip.nextValidators);
    const seed = this.#seeds.get(formatHex(tip.nextValidators[seat]!.blsKey))!;
    const logged = LOG_ENTRY_BYTES.map((size) => randomBytes(size));
    await this.#store.appendLog(at, logged);
    const lastCertificate = this.#certificate;
    const outcome = applyBlock(this.#curve, tip, this.#store, {
      time: timeMs(tip.header.time + params.emptyBlockMs),
      round: 0,
      proposer: seat,
      beaconSignature: fakeBls.sign(seed, beaconMessage(chainId, at, tip.header.beacon)),
      lastCertificate,
      evidence: [],
      convicted: [],
      transactions: [],
      spent: new Set(),
      packets: NO_PACKET_DRAWS,
    });
    const { header, validators } = outcome.tip;
    this.#certificate = { round: 0, signers: validators.map(() => true), signature: randomBytes(96) };
    const block = { header, lastCertificate, evidence: [], transactions: [] };
    await this.#store.commit(blockCommit(outcome, block, this.#certificate));
    this.#tip = outcome.tip;
  }
}
