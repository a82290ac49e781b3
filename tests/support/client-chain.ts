import type { CoinCore } from "../../src/core/chain/output.ts";
import { blockId, type Header } from "../../src/core/chain/header.ts";
import { compactEntry, compactRoot } from "../../src/core/chain/compact-block.ts";
import { EMPTY_CERTIFICATE, type Certificate } from "../../src/core/chain/certificate.ts";
import { validatorSetHash, type ValidatorSet } from "../../src/core/chain/validator-set.ts";
import { VOTE_TYPE, voteMessage } from "../../src/core/chain/vote.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import type { NetworkParams } from "../../src/core/params/network-params.ts";
import type { CompactItem, StreamedOutput } from "../../src/core/sync/compact-item.ts";
import type { Checkpoint } from "../../src/core/sync/network-config.ts";
import { epoch, height, leafIndex, timeMs, type LeafIndex } from "../../src/core/values/height.ts";
import { ClientState } from "./client-state.ts";
import { CHAIN_ID, GENESIS_TIME, testHeader, testValidators, type TestValidators } from "./consensus-chain.ts";
import { fakeBls } from "./fake-bls.ts";
import { seededRandom } from "./test-random.ts";

export interface ChainBlockOptions {
  readonly outputs?: readonly StreamedOutput[];
  readonly spent?: readonly number[];
  readonly afterMs?: number;
  readonly isEpochEnd?: boolean;
  /** Signs from the next block on; only at the end of an epoch. */
  readonly nextValidators?: TestValidators;
  /** Seats that sign; default all. */
  readonly seats?: readonly number[];
  /** Outputs behind those that nobody will ever see: spent before anybody could. */
  readonly gone?: number;
}

/** An output of random bytes that hashes as it should: what a light client checks without opening it. */
export function randomOutput(random = seededRandom("output")): StreamedOutput {
  const payload = random.bytes(512);
  const core: CoinCore = {
    type: "coin",
    oneTimeKey: random.bytes(32),
    commitment: random.bytes(32),
    ephemeralKey: random.bytes(32),
    amountEnc: random.bytes(8),
    anchorEnc: random.bytes(16),
    viewTag: random.bytes(2),
    payloadTag: random.bytes(16),
    payloadHash: sha256Hash(payload),
    rangeProofHash: sha256Hash(random.bytes(8)),
  };
  return { core, payload };
}

/** A certified chain as light clients see it: headers, sets, compact data, the tree. No ledger stands behind it. */
export class ClientChain {
  readonly params: NetworkParams;
  readonly items: CompactItem[] = [];
  readonly state = new ClientState();
  /** What each height announces. */
  readonly #announced: ValidatorSet[] = [];
  readonly #first: TestValidators;
  readonly #made: ChainBlockOptions[] = [];
  #validators: TestValidators;
  #nextValidators: TestValidators;

  constructor(params: NetworkParams, validators = testValidators(fakeBls, [3, 2, 2])) {
    this.params = params;
    this.#first = validators;
    this.#validators = validators;
    this.#nextValidators = validators;
    const own = validatorSetHash(validators.set);
    const compact = { height: height(0), firstLeaf: leafIndex(0), entries: [], spent: [], changed: [] };
    const fields = {
      height: height(0),
      epoch: epoch(0),
      time: GENESIS_TIME,
      isEpochEnd: true,
      valHash: own,
      nextValHash: own,
    };
    const utxoRoot = this.state.apply(fields.height, compact.firstLeaf, [], []);
    this.state.keep(fields.height);
    const header = testHeader(params, { ...fields, compactRoot: compactRoot(compact), utxoRoot });
    this.#announced.push(validators.set);
    this.items.push({ header, certificate: EMPTY_CERTIFICATE, nextValidators: validators.set, compact, outputs: [] });
  }

  get tip(): Header {
    return this.items.at(-1)!.header;
  }

  checkpoint(at = 0): Checkpoint {
    const { header } = this.items[at]!;
    return { height: header.height, blockId: blockId(header), timeMs: header.time };
  }

  /** The same chain up to a height, to go another way from there. */
  fork(at: number): ClientChain {
    const other = new ClientChain(this.params, this.#first);
    for (const options of this.#made.slice(0, at)) other.add(options);
    return other;
  }

  add(options: ChainBlockOptions = {}): CompactItem {
    this.#made.push(options);
    const parent = this.tip;
    const outputs = options.outputs ?? [];
    this.#validators = this.#nextValidators;
    this.#nextValidators = options.nextValidators ?? this.#validators;
    const isEpochEnd = options.isEpochEnd ?? options.nextValidators !== undefined;
    const compact = {
      height: height(parent.height + 1),
      firstLeaf: leafIndex(parent.nextLeaf),
      entries: outputs.map(({ core }) => compactEntry(core)),
      spent: [...(options.spent ?? [])].sort((left, right) => left - right) as LeafIndex[],
      changed: [],
    };
    const header = testHeader(this.params, {
      height: compact.height,
      time: timeMs(parent.time + (options.afterMs ?? this.params.minBlockMs)),
      epoch: epoch(parent.epoch + (parent.isEpochEnd ? 1 : 0)),
      isEpochEnd,
      prev: blockId(parent),
      compactRoot: compactRoot(compact),
      utxoRoot: this.state.apply(compact.height, compact.firstLeaf, outputs, compact.spent),
      valHash: validatorSetHash(this.#validators.set),
      nextValHash: validatorSetHash(this.#nextValidators.set),
      nextLeaf: parent.nextLeaf + outputs.length + (options.gone ?? 0),
    });
    if (isEpochEnd) this.state.keep(compact.height);
    const certificate = certify(this.#validators, header, options.seats);
    const item: CompactItem = {
      header,
      certificate,
      nextValidators: options.nextValidators?.set,
      compact,
      outputs,
    };
    this.items.push(item);
    this.#announced.push(this.#nextValidators.set);
    return item;
  }

  /** What `hdr` answers for one height: a boundary brings its set along. */
  headerItem(at: number): CompactItem {
    const item = this.items[at]!;
    return item.header.isEpochEnd ? { ...item, nextValidators: this.#announced[at]! } : item;
  }

  /** What `hdr` answers with step 1; it looks at so many heights. */
  boundaries(from: number, count: number, window = 4_096): readonly CompactItem[] {
    const found = this.items.slice(from, from + window).filter(({ header }) => header.isEpochEnd);
    return found.slice(0, count).map((item, index) => (index === 0 ? this.headerItem(item.header.height) : item));
  }
}

export function certify(validators: TestValidators, header: Header, seats?: readonly number[]): Certificate {
  const message = voteMessage(CHAIN_ID, VOTE_TYPE.precommit, header.height, 0, blockId(header));
  const signers = validators.set.map((_, seat) => seats === undefined || seats.includes(seat));
  const signatures = validators.seeds.filter((_, seat) => signers[seat]).map((seed) => fakeBls.sign(seed, message));
  return { round: 0, signers, signature: fakeBls.aggregate(signatures) ?? new Uint8Array(96) };
}
