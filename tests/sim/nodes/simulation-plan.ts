import { NETWORK_PARAMS, type NetworkParams } from "../../../src/core/params/network-params.ts";
import { SeededNumbers } from "../../support/seeded-numbers.ts";
import { BEHAVIOUR_NAMES, type BehaviourName } from "./behaviours.ts";

/** What crosses between nodes, by how the weather treats it. */
export type Traffic =
  | "proposal"
  | "prevote"
  | "precommit"
  | "have-set"
  | "parts"
  | "gossip-block"
  | "gossip-transaction"
  | "stem"
  | "status"
  | "fetch";

const TRAFFIC = [
  "proposal",
  "prevote",
  "precommit",
  "have-set",
  "parts",
  "gossip-block",
  "gossip-transaction",
  "stem",
  "status",
  "fetch",
] as const satisfies readonly Traffic[];

/** Nodes that do not hear the others, in milliseconds from the beginning of a storm. */
export interface Cut {
  readonly from: number;
  readonly until: number;
  /** By number. */
  readonly nodes: ReadonlySet<number>;
  /** Only what these send is lost, not what is sent to them. */
  readonly isOneWay: boolean;
  /** Streams break and are opened again; without it nobody is told of what was lost. */
  readonly isNoticed: boolean;
}

/** How network, disks and power behave for a while. */
export interface Weather {
  readonly stormMs: number;
  readonly delayMsMax: number;
  readonly loss: ReadonlyMap<Traffic, number>;
  readonly duplicateShare: number;
  readonly cuts: readonly Cut[];
  /** Share of the steps that write in which the power fails. */
  readonly powerCutShare: number;
  /** Share of the steps that send in which the process is killed. */
  readonly killShare: number;
  /** How long a process stays away. */
  readonly downMsMax: number;
  readonly diskMsMax: number;
  /** How long a verdict on proofs or claims takes. */
  readonly verdictMsMax: number;
  readonly paymentEveryMs: number;
}

/** One run: who takes part and what they are; the weather is drawn as it goes, from the same seed. */
export interface SimulationPlan {
  readonly seed: number;
  readonly nodeCount: number;
  /** The first so many nodes have a stake each, all of the same size. */
  readonly validatorCount: number;
  readonly cheats: ReadonlyMap<number, BehaviourName>;
  /** Validators whose database may come back as an older copy; with the cheats fewer than a third. */
  readonly forgetful: ReadonlySet<number>;
  readonly clockSkewMsMax: number;
  readonly hasRealSignatures: boolean;
  /** Without them the network is sound all the time. */
  readonly hasStorms: boolean;
  readonly params: NetworkParams;
}

/** One seed in so many is run with real BLS signatures. */
const REAL_SIGNATURES_EVERY = 20;

/** How long nodes that are no archives keep blocks: some of them prune within one storm. */
const WINDOWS_MS = [NETWORK_PARAMS.dev.payloadTtlMs, 90_000];

/** After how many epochs without a vote a validator is jailed (ST-3). */
const DEAD_EPOCHS = [2, NETWORK_PARAMS.dev.deadEpochs];

/** Share of the runs in which all cheats attack locks together. */
const SIEGE_SHARE = 0.15;

export function drawPlan(seed: number, nodeCount: number): SimulationPlan {
  const numbers = new SeededNumbers(seed * 7919 + nodeCount);
  // An attack on locks takes all cheats that can be had.
  const isSiege = numbers.chance(SIEGE_SHARE);
  const validatorCount = isSiege ? nodeCount : nodeCount - numbers.between(0, Math.min(2, nodeCount - 4));
  const faultyMax = Math.floor((validatorCount - 1) / 3);
  const cheats = new Map<number, BehaviourName>();
  const forgetful = new Set<number>();
  for (let left = isSiege ? faultyMax : numbers.between(0, faultyMax); left > 0; left--) {
    const node = numbers.between(0, validatorCount - 1);
    if (cheats.has(node) || forgetful.has(node)) continue;
    if (isSiege) cheats.set(node, "lock-breaking");
    else if (numbers.chance(0.3)) forgetful.add(node);
    else cheats.set(node, numbers.pick(BEHAVIOUR_NAMES));
  }
  // Where others cheat, correct validators that are jailed for being away would leave them more than a third.
  const isQuiet = [...cheats.values()].every((name) => name === "silent");
  return {
    seed,
    nodeCount,
    validatorCount,
    cheats,
    forgetful,
    clockSkewMsMax: numbers.pick([0, 300, 2_000]),
    hasStorms: true,
    hasRealSignatures: seed % REAL_SIGNATURES_EVERY === 0,
    params: {
      ...NETWORK_PARAMS.dev,
      epochMs: numbers.pick([10_000, 20_000, 60_000]),
      payloadTtlMs: numbers.pick(WINDOWS_MS),
      deadEpochs: isQuiet ? numbers.pick(DEAD_EPOCHS) : NETWORK_PARAMS.dev.deadEpochs,
    },
  };
}

/** Swarm testing: most storms lack most kinds of trouble, so that the rest can go far. */
export function drawStorm(numbers: SeededNumbers, { nodeCount, cheats }: SimulationPlan): Weather {
  if ([...cheats.values()].includes("lock-breaking") && numbers.chance(0.8)) return drawSiege(numbers);
  const stormMs = numbers.between(4_000, 30_000);
  const cuts = Array.from({ length: numbers.pick([0, 0, 1, 2, 4]) }, () => drawCut(numbers, stormMs, nodeCount));
  return {
    stormMs,
    delayMsMax: numbers.pick([40, 300, 1_500]),
    loss: drawLoss(numbers),
    duplicateShare: numbers.pick([0, 0.1, 0.4]),
    cuts,
    powerCutShare: numbers.pick([0, 0, 0.02, 0.1]),
    killShare: numbers.pick([0, 0, 0.005, 0.02]),
    downMsMax: numbers.pick([300, 3_000, 20_000]),
    diskMsMax: numbers.pick([1, 10, 200]),
    verdictMsMax: numbers.pick([20, 300, 2_000]),
    paymentEveryMs: numbers.pick([500, 2_000, 8_000]),
  };
}

/** A network on the side of those who attack locks: some of what is proposed is lost, and nobody makes it good. */
function drawSiege(numbers: SeededNumbers): Weather {
  return {
    ...calmWeather(),
    stormMs: numbers.between(10_000, 30_000),
    loss: new Map<Traffic, number>([
      ["proposal", numbers.pick([0.2, 0.3])],
      ["prevote", numbers.pick([0, 0.1])],
      ["precommit", numbers.pick([0, 0.2])],
      ["have-set", numbers.pick([0, 0.3])],
      ["gossip-block", 0.9],
      ["fetch", 0.9],
    ]),
  };
}

/** What a sound network is like: everybody hears everybody. */
export function calmWeather(): Weather {
  return {
    stormMs: 0,
    delayMsMax: 60,
    loss: new Map(),
    duplicateShare: 0,
    cuts: [],
    powerCutShare: 0,
    killShare: 0,
    downMsMax: 3_000,
    diskMsMax: 5,
    verdictMsMax: 40,
    paymentEveryMs: 4_000,
  };
}

function drawLoss(numbers: SeededNumbers): ReadonlyMap<Traffic, number> {
  const everything = numbers.pick([0, 0, 0.05, 0.2]);
  const loss = new Map<Traffic, number>(TRAFFIC.map((traffic) => [traffic, everything]));
  for (const traffic of TRAFFIC) if (numbers.chance(0.15)) loss.set(traffic, numbers.pick([0.3, 0.7, 0.95]));
  if (!numbers.chance(0.4)) return loss;
  // Locks matter where some lock and few see why: prevotes go astray, precommits more so, and nobody makes it good.
  loss.set("prevote", numbers.pick([0.2, 0.4])).set("precommit", numbers.pick([0.5, 0.7]));
  return loss
    .set("have-set", numbers.pick([0.5, 0.9]))
    .set("gossip-block", 0.9)
    .set("fetch", 0.9);
}

function drawCut(numbers: SeededNumbers, stormMs: number, nodeCount: number): Cut {
  const from = numbers.between(0, stormMs);
  const share = numbers.pick([0.2, 0.5]);
  const nodes = Array.from({ length: nodeCount }, (_, node) => node).filter(() => numbers.chance(share));
  return {
    from,
    until: Math.min(stormMs, from + numbers.between(300, 10_000)),
    nodes: new Set(nodes),
    isOneWay: numbers.chance(0.3),
    isNoticed: numbers.chance(0.5),
  };
}
