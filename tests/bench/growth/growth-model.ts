import { TREE_LEVELS } from "../../../src/core/state/tree.ts";
import { retentionAt } from "../../../src/core/sync/retention.ts";
import { timeMs } from "../../../src/core/values/height.ts";

const DAY_S = 86_400;
const YEAR_S = 365.25 * DAY_S;

/** What of a chain decides how much a node holds. */
export interface ChainShape {
  /** Outputs ever made. */
  readonly outputs: number;
  readonly live: number;
  /** Made in the window (BL-11), live or spent. */
  readonly windowOutputs: number;
  /** Of those that live. */
  readonly windowLive: number;
  /** Made before the window and within payload_ttl_ms, and live. */
  readonly agedLive: number;
  readonly windowBlocks: number;
  /** Outputs spent since the oldest boundary whose state is shown. */
  readonly recentlySpent: number;
  /** Made in the newest 24 hours. */
  readonly dayOutputs: number;
  readonly dayBlocks: number;
  readonly epochs: number;
  readonly validatorSets: number;
  readonly transactionsPerOutput: number;
}

/** Bytes on disk, by the classes of `store-sizes.ts`. */
export type GrowthClasses = Readonly<
  Record<
    "outputs" | "proofs" | "tree" | "payloads" | "compact" | "headers" | "blocks" | "validators" | "indexes",
    number
  >
>;

/** Bytes as they are encoded: what a record has, its key of so many bytes included. */
export interface RawSizes {
  readonly leaf: number;
  readonly proof: number;
  readonly payload: number;
  readonly spentCore: number;
  readonly compactPerOutput: number;
  readonly compactPerBlock: number;
  readonly header: number;
  readonly blockPerOutput: number;
  readonly blockPerBlock: number;
  readonly validatorSet: number;
  readonly blockName: number;
  readonly transactionPlace: number;
}

/** A node of the tree with its key; a tile's record without its leaves, and what each leaf and each group adds to it. */
const NODE = 39;
const TILE = 22;
const TILE_LEAF = 34;
const TILE_GROUP = 32;
const GROUP_LEAVES = 4;
const RANGE_LEAVES = 1024;
const HASH = 32;
const JOURNAL = 13;
const BOUNDARIES_READABLE = 2;

/**
 * Bytes of the tree as they are encoded, if the live outputs are spread evenly: a node stands where one leaf below it
 * lives. Levels from the halves of tiles up are stored; tiles hold entries of their leaves and nodes of groups of four.
 */
export function rawTree(outputs: number, live: number): number {
  if (outputs === 0) return 0;
  const dead = 1 - live / outputs;
  const standing = (leaves: number): number => (outputs / leaves) * (1 - dead ** leaves);
  let nodes = 0;
  for (let level = 6; level <= TREE_LEVELS; level++) nodes += Math.max(1, standing(2 ** level));
  const records = standing(128) * TILE + live * TILE_LEAF + standing(GROUP_LEAVES) * TILE_GROUP;
  return nodes * NODE + records + BOUNDARIES_READABLE * HASH * (outputs / RANGE_LEAVES);
}

/** The formula: bytes of each class before compression and the database's own overhead. */
export function rawClasses(raw: RawSizes, shape: ChainShape): GrowthClasses {
  const { live, outputs, windowOutputs, windowBlocks, dayOutputs, dayBlocks, epochs } = shape;
  // What lives in the window has its core in its leaf.
  const spentInWindow = windowOutputs - shape.windowLive;
  const headers = windowBlocks + epochs;
  return {
    outputs: live * raw.leaf,
    proofs: (live + shape.recentlySpent) * raw.proof,
    // With the journal of the boundaries: the leaf as it was, and its number under its height.
    tree: rawTree(outputs, live) + shape.recentlySpent * (raw.leaf + JOURNAL),
    payloads: (windowOutputs + shape.agedLive) * raw.payload + spentInWindow * raw.spentCore,
    compact: windowOutputs * raw.compactPerOutput + windowBlocks * raw.compactPerBlock,
    headers: headers * raw.header,
    blocks: dayOutputs * raw.blockPerOutput + dayBlocks * raw.blockPerBlock,
    validators: shape.validatorSets * raw.validatorSet,
    indexes: headers * raw.blockName + dayOutputs * shape.transactionsPerOutput * raw.transactionPlace,
  };
}

/** How many bytes on disk one byte of the formula took, by class; 1 for a class that was too small to tell. */
export function factorsOf(measured: GrowthClasses, raw: GrowthClasses): GrowthClasses {
  const entries = Object.entries(raw).map(([name, bytes]) => {
    const found = measured[name as keyof GrowthClasses];
    return [name, bytes < 50_000 || found === 0 ? 1 : found / bytes];
  });
  return Object.fromEntries(entries) as GrowthClasses;
}

export function predicted(factors: GrowthClasses, raw: GrowthClasses): GrowthClasses {
  const entries = Object.entries(raw).map(([name, bytes]) => [name, bytes * factors[name as keyof GrowthClasses]]);
  return Object.fromEntries(entries) as GrowthClasses;
}

export const totalOf = (classes: GrowthClasses): number => Object.values(classes).reduce((sum, each) => sum + each, 0);

/** How a chain is used. */
export interface Pace {
  readonly outputsPerS: number;
  /** Part of the outputs that are never spent. */
  readonly stayingShare: number;
  /** How long the others live on average, in seconds. */
  readonly holdingS: number;
}

/** Parameters of the network that matter here. */
export interface GrowthParams {
  readonly epochMs: number;
  readonly minBlockMs: number;
  readonly emptyBlockMs: number;
  readonly payloadTtlMs: number;
  readonly trustingMs: number;
}

/** Outputs of an ordinary payment: one for the payee, one back. */
const OUTPUTS_PER_TRANSACTION = 2;

/**
 * Seconds between two blocks: min_block_ms behind the last one, and on to the next transaction, which come at random, or
 * to the end of empty_block_ms.
 */
export function blockSeconds(params: GrowthParams, outputsPerS: number): number {
  const [least, most] = [params.minBlockMs / 1000, params.emptyBlockMs / 1000];
  const perS = outputsPerS / OUTPUTS_PER_TRANSACTION;
  if (perS === 0) return most;
  // The mean of an exponential wait that ends at empty_block_ms, and that has a head start of min_block_ms.
  return least + (Math.exp(-perS * least) - Math.exp(-perS * most)) / perS;
}

/** Outputs that are about to move on. */
const heldOutputs = ({ outputsPerS, stayingShare, holdingS }: Pace, seconds: number): number =>
  outputsPerS * (1 - stayingShare) * Math.min(seconds, holdingS);

/** The share that stays if so many outputs live after so many years. */
export function shareFor(live: number, outputsPerS: number, holdingS: number, years: number): number {
  const seconds = years * YEAR_S;
  const held = heldOutputs({ outputsPerS, stayingShare: 0, holdingS }, seconds);
  return (live - held) / (outputsPerS * seconds - held);
}

/** The chain as it stands after so many years of this pace. */
export function shapeAfter(params: GrowthParams, pace: Pace, years: number): ChainShape {
  const seconds = years * YEAR_S;
  // What is kept by age is as old as the chain at most.
  const { blocksSince, windowSince, payloadsSince } = retentionAt(timeMs(0), params);
  const [dayS, windowS, payloadS] = [blocksSince, windowSince, payloadsSince].map((since) =>
    Math.min(seconds, -since / 1000),
  ) as [number, number, number];
  const every = blockSeconds(params, pace.outputsPerS);
  const outputs = pace.outputsPerS * seconds;
  const moving = pace.outputsPerS * (1 - pace.stayingShare);
  const held = heldOutputs(pace, seconds);
  const windowOutputs = pace.outputsPerS * windowS;
  const readableS = (BOUNDARIES_READABLE * params.epochMs) / 1000;
  return {
    outputs,
    live: Math.min(outputs, outputs * pace.stayingShare + held),
    windowOutputs,
    windowLive: Math.min(windowOutputs, windowOutputs * pace.stayingShare + held),
    agedLive: pace.outputsPerS * pace.stayingShare * (payloadS - windowS),
    recentlySpent: moving * Math.min(seconds, readableS),
    windowBlocks: windowS / every,
    dayOutputs: pace.outputsPerS * dayS,
    dayBlocks: dayS / every,
    epochs: seconds / (params.epochMs / 1000),
    // A set for each week is more than a network of a hundred changes its mind.
    validatorSets: seconds / (7 * DAY_S),
    transactionsPerOutput: 1 / OUTPUTS_PER_TRANSACTION,
  };
}
