import type { Transaction } from "../../../src/core/chain/transaction.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { SimulationBls } from "../../support/simulation-bls.ts";
import { SimulationFault } from "./chain-checks.ts";
import { NodeSimulation } from "./node-simulation.ts";
import type { RunCounts } from "./node-watch.ts";
import type { FullNodeMachine } from "./node-world.ts";
import { joinAndFollow } from "./snapshot-joiner.ts";
import { calmWeather, drawStorm, type SimulationPlan } from "./simulation-plan.ts";

/** Blocks that every correct node must add once the network is sound, and in how much virtual time. */
const BLOCKS_AFTER_STORM = 3;
const PATIENCE_MS = 240_000;
/** How often an owner hands in again what is not final. */
const PAY_AGAIN_MS = 5_000;

const simulationBls = new SimulationBls();
const blstBls = createBlstBls();

/** How a run ended. */
export interface RunReport {
  readonly plan: SimulationPlan;
  readonly fault: SimulationFault | undefined;
  readonly storms: number;
  readonly blocks: number;
  readonly payments: number;
  /** Coins drawn from packets. */
  readonly drawn: number;
  readonly virtualMs: number;
  readonly counts: RunCounts;
}

/** What a person types to see a run again. */
export function replayCommand(
  plan: SimulationPlan,
  { hours = 0, bug }: { readonly hours?: number; readonly bug?: string | undefined } = {},
): string {
  const options = [`--seed ${plan.seed}`, `--nodes ${plan.nodeCount}`];
  if (hours > 0) options.push(`--hours ${hours}`);
  if (bug !== undefined) options.push(`--plant ${bug}`);
  return `npm run sim -- ${options.join(" ")}`;
}

/**
 * Storm after storm until so much virtual time has passed, one at least. Behind each of them the network is sound, and
 * every correct node has to go on and every payment to become final.
 */
export async function runPlan(
  plan: SimulationPlan,
  options: {
    readonly curve: CurveBackend;
    readonly durationMs?: number;
    readonly machine?: FullNodeMachine;
    /** What single correct nodes run instead, by number. */
    readonly machineOf?: Readonly<Record<number, FullNodeMachine>>;
    /** As in a simulation's options. */
    readonly forgetsSignatures?: boolean;
    /** Each time the network has become sound again and all is well. */
    readonly progress?: (report: Pick<RunReport, "storms" | "blocks" | "payments" | "virtualMs">) => void;
    /** Before anything happens. */
    readonly prepare?: (simulation: NodeSimulation) => void;
  },
): Promise<RunReport> {
  const bls = plan.hasRealSignatures ? blstBls : simulationBls;
  const simulation = new NodeSimulation({ ...options, plan, bls });
  const start = simulation.now;
  let storms = 0;
  let fault: SimulationFault | undefined;
  const soFar = () => {
    const { watch, payer, now } = simulation;
    return {
      storms,
      blocks: watch.chain.height,
      payments: payer.paid,
      drawn: payer.packets.drawn,
      virtualMs: now - start,
    };
  };
  try {
    options.prepare?.(simulation);
    simulation.start();
    payForEver(simulation);
    do {
      if (plan.hasStorms) {
        storms++;
        const storm = drawStorm(simulation.numbers, plan);
        simulation.enter(storm);
        await simulation.runUntil(() => false, storm.stormMs);
        if (await joinAndFollow(simulation)) simulation.counts.joins++;
        simulation.enter(calmWeather());
      }
      await settle(simulation);
      options.progress?.(soFar());
    } while (simulation.now - start < (options.durationMs ?? 0));
    for (const node of simulation.correctNodes) await simulation.watch.chain.checkState(node.name, node.disk.store);
  } catch (error) {
    if (!(error instanceof SimulationFault)) throw error;
    fault = error;
  }
  return { plan, fault, ...soFar(), counts: simulation.counts };
}

/** The network is sound again: it must go on, and whoever waits for a payment gets it. */
async function settle(simulation: NodeSimulation): Promise<void> {
  const target = simulation.watch.chain.height + BLOCKS_AFTER_STORM;
  const owed = simulation.payer.unpaid();
  const areAllThere = () => simulation.correctNodes.every((node) => simulation.heightOf(node) >= target);
  const isAllPaid = () => {
    const unpaid = new Set(simulation.payer.unpaid());
    return !owed.some((transaction) => unpaid.has(transaction));
  };
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += PAY_AGAIN_MS) {
    if (await simulation.runUntil(() => areAllThere() && isAllPaid(), PAY_AGAIN_MS)) return;
    for (const transaction of simulation.payer.unpaid()) handIn(simulation, transaction);
  }
  const heights = simulation.nodes.map((node) => {
    const consensus = node.running?.state.consensus;
    const place = consensus === undefined ? "down" : `${consensus.round} ${consensus.step}`;
    return `${node.name} ${simulation.heightOf(node)} (${place})`;
  });
  if (!areAllThere()) throw new SimulationFault("liveness", `not at height ${target} in time: ${heights.join(", ")}`);
  throw new SimulationFault("payment", `${simulation.payer.unpaid().length} payments are not final in time`);
}

function payForEver(simulation: NodeSimulation): void {
  simulation.at(simulation.now + simulation.weather.paymentEveryMs, () => {
    const { payer, numbers } = simulation;
    for (const transaction of [...payer.pay(numbers), ...payer.packets.act(numbers)]) handIn(simulation, transaction);
    payForEver(simulation);
  });
}

/** To any node, whether it runs or not: an owner cannot know. */
function handIn(simulation: NodeSimulation, transaction: Transaction): void {
  const node = simulation.numbers.pick(simulation.nodes);
  node.post({ type: "transaction-received", now: node.now, transaction, reply: 0, source: "client" });
}
