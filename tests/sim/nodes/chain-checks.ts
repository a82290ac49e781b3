import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { decodeCertificate } from "../../../src/core/chain/certificate.ts";
import { blockId, decodeHeader } from "../../../src/core/chain/header.ts";
import { proposer } from "../../../src/core/chain/proposer.ts";
import type { ValidatorSet } from "../../../src/core/chain/validator-set.ts";
import { VOTE_TYPE, voteMessage } from "../../../src/core/chain/vote.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type { BlockCommit, FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import { decodeLedgerTip, type LedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { holdsSupplyInvariant } from "../../../src/core/state/supply-invariant.ts";
import { tileLeafOf } from "../../../src/core/state/tree.ts";
import type { Hash } from "../../../src/core/values/hash.ts";
import { height } from "../../../src/core/values/height.ts";
import { TestTree } from "../../support/test-tree.ts";

export type FaultKind =
  | "agreement"
  | "double-sign"
  | "lock"
  | "supply"
  | "certificate"
  | "state-root"
  | "liveness"
  | "payment"
  | "accusation"
  | "exception";

/** A rule of the chain that did not hold. */
export class SimulationFault extends Error {
  override readonly name = "SimulationFault";
  readonly kind: FaultKind;

  constructor(kind: FaultKind, text: string) {
    super(`${kind}: ${text}`);
    this.kind = kind;
  }
}

/** Supply and root are computed anew at every so many heights: what they look at grows. */
const DEEP_CHECK_EVERY = 16;

/**
 * What must hold of the blocks that correct nodes make final. It looks at stored bytes alone and counts power itself, so
 * that a rule which the product breaks in one place is not asked in the same place.
 */
export class ChainChecks {
  /** By height, as the first correct node stored it. */
  readonly #tips: LedgerTip[];
  readonly #commits: BlockCommit[] = [];
  readonly #curve: CurveBackend;
  readonly #bls: BlsBackend;

  constructor(deps: { readonly curve: CurveBackend; readonly bls: BlsBackend }, genesis: LedgerTip) {
    this.#curve = deps.curve;
    this.#bls = deps.bls;
    this.#tips = [genesis];
  }

  /** Of the longest chain that a correct node holds. */
  get height(): number {
    return this.#tips.length - 1;
  }

  /** Who votes at a height; undefined while the block below it is not final anywhere. */
  validatorsAt(at: number): ValidatorSet | undefined {
    return this.#tips[at - 1]?.nextValidators;
  }

  /** The seat whose turn it is (CO-16). */
  proposerAt(at: number, round: number): number | undefined {
    const below = this.#tips[at - 1];
    return below === undefined ? undefined : proposer(below.epochSeed, height(at), round, below.nextValidators);
  }

  /** A correct node has stored a block. True for the first one at this height. */
  async committed(name: string, commit: BlockCommit, store: FullNodeStore): Promise<boolean> {
    const known = this.#commits[commit.height];
    if (known === undefined) {
      this.#checkHeader(name, commit);
      this.#tips[commit.height] = decodeLedgerTip(commit.tip);
      this.#commits[commit.height] = commit;
      if (commit.height % DEEP_CHECK_EVERY === 0) await this.checkState(name, store);
      return true;
    }
    if (!equalBytes(known.blockId, commit.blockId)) {
      const ids = [known, commit].map((each) => formatHex(each.blockId).slice(0, 8));
      throw new SimulationFault("agreement", `${name} has block ${ids[1]} at height ${commit.height}, not ${ids[0]}`);
    }
    if (!equalBytes(known.tip, commit.tip)) {
      throw new SimulationFault("state-root", `${name} has another state behind height ${commit.height}`);
    }
    if (!equalBytes(known.certificate, commit.certificate)) this.#checkCertificate(name, commit);
    return false;
  }

  /** Somebody starts from a snapshot. */
  joined(name: string, tip: Uint8Array): void {
    const { header } = decodeLedgerTip(tip);
    const known = this.#commits[header.height];
    if (known !== undefined && equalBytes(known.tip, tip)) return;
    throw new SimulationFault("state-root", `${name} joined another state at height ${header.height}`);
  }

  /** The live outputs of a store give the root and the supply that its last header states (5.1, SU-3). */
  async checkState(name: string, store: FullNodeStore): Promise<void> {
    const { header } = decodeLedgerTip(store.tip()!);
    const tree = new TestTree();
    const live = [];
    for await (const [leaf, record] of store.liveLeaves()) {
      tree.leaves.set(leaf, tileLeafOf(leaf, record));
      live.push(record);
    }
    if (live.length !== header.liveCount || !equalBytes(tree.rebuiltRoot(), header.utxoRoot)) {
      throw new SimulationFault("state-root", `${name} holds other outputs than header ${header.height} says`);
    }
    if (!holdsSupplyInvariant(this.#curve, live, header)) {
      throw new SimulationFault("supply", `${name} does not hold the supply of header ${header.height}`);
    }
  }

  #checkHeader(name: string, commit: BlockCommit): void {
    const header = decodeHeader(commit.header);
    const parent = this.#tips[commit.height - 1];
    if (parent === undefined)
      throw new SimulationFault("agreement", `${name} skipped the block below ${commit.height}`);
    const isLinked = equalBytes(header.prev, parent.blockId) && header.height === parent.header.height + 1;
    if (!isLinked || !equalBytes(blockId(header), commit.blockId)) {
      throw new SimulationFault("agreement", `${name} has a header ${commit.height} that does not follow the last`);
    }
    this.#checkCertificate(name, commit);
  }

  #checkCertificate(name: string, commit: BlockCommit): void {
    const certificate = decodeCertificate(commit.certificate);
    const { chain } = this.#tips[0]!;
    const set = this.validatorsAt(commit.height)!;
    const signers = set.filter((_, seat) => certificate.signers[seat] === true);
    const message = voteMessage(
      chain.chainId,
      VOTE_TYPE.precommit,
      height(commit.height),
      certificate.round,
      commit.blockId,
    );
    const keys = signers.map(({ blsKey }) => blsKey);
    if (isTwoThirds(signers, set) && this.#bls.verifyAggregate(keys, message, certificate.signature)) return;
    const share = `${signers.length} of ${set.length} seats`;
    throw new SimulationFault("certificate", `${name} made block ${commit.height} final with ${share}`);
  }
}

/** More than two thirds of the power, counted without the product's arithmetic. */
export function isTwoThirds(some: ValidatorSet, all: ValidatorSet): boolean {
  const sum = (set: ValidatorSet): bigint => set.reduce((total, { power }) => total + BigInt(power), 0n);
  return sum(some) > (sum(all) * 2n) / 3n;
}

/** Names a block in messages. */
export function shortName(id: Hash): string {
  return formatHex(id).slice(0, 8);
}
