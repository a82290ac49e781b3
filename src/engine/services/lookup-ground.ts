import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { ProofRoot } from "../../core/machines/light-client-proof-root.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { startAtCheckpoint } from "../../core/sync/step-sync.ts";
import type { CertifiedHeaders } from "./certified-headers.ts";
import { isForked, type ForkWatch } from "./fork-watch.ts";
import type { LightClientRun } from "./light-client-run.ts";
import { lookupNodes, type LookupNodes } from "./lookup-nodes.ts";
import type { Timers } from "./network-edges.ts";
import { untilConfigured } from "./until-configured.ts";

/** What all questions of one errand have in common. */
export interface LookupGround {
  readonly config: NetworkConfig;
  readonly nodes: LookupNodes;
  readonly root: ProofRoot;
  /** False once nobody may be asked any more. */
  readonly isWanted: () => boolean;
}

/** Why nobody can be asked: `checkpoint_too_old`, since this device knows of no block to compare answers with (LC-4). */
export type GroundProblem = "offline" | "checkpoint_too_old" | "fork";

/** What a ground is made of. */
type GroundRun = Pick<LightClientRun, "state" | "until" | "proofRoot">;

/** Whom to ask, and what their answers are tied to; also a device without a wallet may ask. */
export async function findGround(
  currentRun: () => GroundRun | undefined,
  timers: Timers,
  forks: ForkWatch,
): Promise<LookupGround | GroundProblem> {
  const run = currentRun();
  if (run === undefined) return "offline";
  forks.watch(run);
  const config = isForked(run) ? undefined : await untilConfigured(run, timers);
  if (isForked(run)) return "fork";
  if (config === undefined) return "offline";
  const root = run.proofRoot();
  if (root === undefined) return "checkpoint_too_old";
  const isWanted = (): boolean => currentRun() === run && !isForked(run);
  return { config, nodes: lookupNodes(run.state, config), root, isWanted };
}

/** The header behind a root; that of a checkpoint has to be asked for. */
export async function rootHeader(
  headers: Pick<CertifiedHeaders, "first">,
  { chainId }: NetworkConfig,
  root: ProofRoot,
): Promise<TrustedHeader> {
  if (root.type === "header") return root.header;
  const { checkpoint } = root;
  const chain = startAtCheckpoint(checkpoint, chainId, undefined, await headers.first(checkpoint.height));
  if (chain === undefined) throw new DecodeError("another checkpoint");
  return chain;
}
