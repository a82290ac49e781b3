import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeBlock } from "../../../src/core/chain/block.ts";
import { decodeCertificate } from "../../../src/core/chain/certificate.ts";
import { blockId, decodeHeader } from "../../../src/core/chain/header.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import { examineBlock } from "../../../src/core/state/examine-block.ts";
import { executeBlock } from "../../../src/core/state/execute-block.ts";
import { height } from "../../../src/core/values/height.ts";
import { joinSnapshot, type JoinParts } from "../../../src/node/join/join-snapshot.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
import { openSeatHistory } from "../../../src/node/open-seat-history.ts";
import { Refusal } from "../../../src/node/refusal.ts";
import { openLevelStore, type DiskStore } from "../../../src/node/storage/level-store.ts";
import { SimulationFault } from "./chain-checks.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import { PowerCut } from "./simulated-disk.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { connectToServers } from "./snapshot-servers.ts";

const NAME = "joiner";
const KILL_SHARE = 0.5;

/**
 * Somebody with an empty database joins by the newest snapshot that the nodes serve just now, killed in between now and
 * then, and follows the chain from there. What it holds is watched like any other node's; virtual time stands still.
 * False where there is no snapshot yet.
 */
export async function joinAndFollow(simulation: NodeSimulation): Promise<boolean> {
  const ahead = furthestArchive(simulation);
  const boundary = (await ahead?.disk.store.boundaries(height(1), 1_000_000))?.at(-1);
  if (ahead === undefined || boundary === undefined) return false;
  const directory = await mkdtemp(join(tmpdir(), "stegos-simulated-"));
  let store = await openLevelStore(directory);
  const reopen = async (): Promise<DiskStore> => {
    await store.close();
    return (store = await openLevelStore(directory));
  };
  try {
    const header = decodeHeader((await ahead.disk.store.header(boundary))!);
    const checkpoint = { height: boundary, blockId: blockId(header) };
    if (simulation.numbers.chance(KILL_SHARE)) {
      await joinBy(simulation, store, checkpoint, true);
      await reopen();
    }
    if (store.tip() === undefined) await joinBy(simulation, store, checkpoint, false);
    await follow(simulation, await reopen(), ahead);
    return true;
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A correct node that has every block; of those that run the one that has the most. */
function furthestArchive(simulation: NodeSimulation): SimulatedNode | undefined {
  const archives = simulation.correctNodes.filter((node) => node.running !== undefined && simulation.isArchive(node));
  return archives.sort((left, right) => simulation.heightOf(right) - simulation.heightOf(left))[0];
}

async function joinBy(
  simulation: NodeSimulation,
  store: DiskStore,
  checkpoint: JoinParts["checkpoint"],
  isKilled: boolean,
): Promise<void> {
  const { curve, bls, genesis, numbers } = simulation;
  let left = isKilled ? numbers.between(1, 3) : Infinity;
  const lines: string[] = [];
  const parts: JoinParts = {
    ...{ store, curve, bls, genesis, checkpoint, network: await connectToServers(simulation) },
    // Proofs are tested elsewhere.
    proofs: {
      verify: (claims) =>
        --left === 0 ? Promise.reject(new PowerCut()) : Promise.resolve(claims.map(() => undefined)),
    },
    blame: (peer) => {
      simulation.counts.falseSnapshots++;
      if (!simulation.isCorrect(simulation.nodeOf(peer))) return;
      throw new SimulationFault("accusation", `${NAME} says that ${peer}, which is correct, gave a false snapshot`);
    },
    log: (line) => lines.push(line),
    connect: () => Promise.resolve(),
  };
  try {
    await joinSnapshot(parts);
  } catch (error) {
    if (error instanceof PowerCut) return;
    if (!(error instanceof Refusal)) throw error;
    throw new SimulationFault(
      "liveness",
      `${NAME} cannot join at ${checkpoint.height}: ${error.message}; ${lines.join("; ")}`,
    );
  }
}

/** From the boundary on, block by block, as fetched from one that is ahead. */
async function follow(simulation: NodeSimulation, store: DiskStore, ahead: SimulatedNode): Promise<void> {
  const { curve, bls, genesis, watch } = simulation;
  let { tip } = await openLedger(store, genesis, { curve, bls });
  watch.chain.joined(NAME, store.tip()!);
  await watch.chain.checkState(NAME, store);
  for (let at = tip.header.height + 1; at <= simulation.heightOf(ahead); at++) {
    const block = decodeBlock((await ahead.disk.store.block(height(at)))!);
    const seatHistory = await openSeatHistory(store, tip);
    const examined = examineBlock({ bls, curve, seatHistory, isRangeProofVerified: () => true }, tip, store, block);
    const result = examined.ok ? executeBlock(curve, tip, store, examined) : examined;
    if (!result.ok) throw new SimulationFault("state-root", `${NAME} refuses block ${at}: ${result.rule}`);
    const commit = blockCommit(result, block, decodeCertificate((await ahead.disk.store.certificate(height(at)))!));
    await store.commit(commit);
    await watch.chain.committed(NAME, commit, store);
    tip = result.tip;
  }
  await watch.chain.checkState(NAME, store);
}
