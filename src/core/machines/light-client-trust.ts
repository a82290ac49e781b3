import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Header } from "../chain/header.ts";
import type { Checkpoint, NetworkConfig } from "../sync/network-config.ts";
import type { LinkedBlock } from "../sync/step-sync.ts";
import { withStatedFee, type StatedFee, type TrustedChain } from "../sync/trusted-chain.ts";
import { update, type Draft } from "./light-client-state.ts";

/** When to read `/network.json` again that was missing or did not help. */
export const FETCH_AGAIN_MS = 5_000;
/** The same while the fee is only a guess: the origin names a newer block with each epoch. */
const FEE_FETCH_MS = 60_000;

export function statedFee({ feeMultiplier, checkpoint }: NetworkConfig): StatedFee | undefined {
  return feeMultiplier === undefined ? undefined : { blockId: checkpoint.blockId, multiplier: feeMultiplier };
}

/** A fee stated later for the boundary we stand behind counts at once; until then it was only a guess (FE-1). */
export function applyStatedFee(draft: Draft): void {
  const { config, chain, durable, sync, queue } = draft.state;
  const stated = config && statedFee(config);
  if (stated === undefined) return;
  const state = <Chain extends TrustedChain | undefined>(each: Chain): Chain | TrustedChain => {
    return each === undefined ? each : withStatedFee(each, stated);
  };
  const follow = (block: LinkedBlock): LinkedBlock => ({ ...block, chain: withStatedFee(block.chain, stated) });
  update(draft, {
    chain: state(chain),
    durable: { ...durable, chain: state(durable.chain) },
    queue: queue.map(follow),
  });
  if (sync === undefined) return;
  const next = { trusted: withStatedFee(sync.trusted, stated), linked: sync.linked.map(follow), statedFee: stated };
  update(draft, { sync: { ...sync, ...next } });
}

/** No header tells the fee (FE-1): whoever has skipped asks the origin until it names the boundary we stand behind. */
export function driveFee(draft: Draft): void {
  const { config, durable, data, fetchAtMs } = draft.state;
  const isGuess = durable.chain?.isFeeKnown === false && config?.feeMultiplier !== undefined;
  if (!isGuess || data?.stage !== "blocks" || fetchAtMs !== undefined) return;
  update(draft, { fetchAtMs: draft.nowMs + FEE_FETCH_MS });
}

/**
 * LC-4: the highest checkpoint younger than trusting_ms. The origin of the network file is believed on dev and test
 * networks, and where a person has named it; the app's bundle and a person everywhere.
 */
export function freshCheckpoint(now: Pick<Draft, "state" | "deps" | "nowMs">): Checkpoint | undefined {
  const { config, durable } = now.state;
  if (config === undefined) return undefined;
  const { network, genesisHash, params } = config;
  const bundled = now.deps.checkpoints[network].filter((each) => equalBytes(each.genesisHash, genesisHash));
  const known = [
    ...(isOriginBelieved(now, config) ? [config.checkpoint] : []),
    ...bundled.map(({ height, blockId: id, timeMs }) => ({ height, blockId: id, timeMs })),
    ...(durable.checkpoint === undefined ? [] : [durable.checkpoint]),
  ];
  const dated = known.map((each) => withKnownTime(each, durable.anchor?.checkpoint));
  const fresh = dated.filter(({ timeMs }) => now.nowMs < timeMs + params.trustingMs);
  return fresh.reduce<Checkpoint | undefined>((best, each) => {
    return best === undefined || each.height > best.height ? each : best;
  }, undefined);
}

/** Whoever states a later time for the block that we begin at than its header does makes it no younger. */
function withKnownTime(stated: Checkpoint, known: Checkpoint | undefined): Checkpoint {
  const isOlder = known !== undefined && known.timeMs < stated.timeMs && equalBytes(known.blockId, stated.blockId);
  return isOlder ? known : stated;
}

/**
 * LC-4: a checkpoint is as old as its header says, which nobody had seen when its stated time was judged. False: it is
 * too old to begin at.
 */
export function judgeHeader(draft: Draft, { time }: Header): boolean {
  const { durable, config } = draft.state;
  const anchor = durable.anchor!;
  if (time < anchor.checkpoint.timeMs) {
    const checkpoint = { ...anchor.checkpoint, timeMs: time };
    update(draft, { durable: { ...durable, anchor: { ...anchor, checkpoint } } });
  }
  return draft.nowMs < time + config!.params.trustingMs;
}

function isOriginBelieved({ deps }: Pick<Draft, "deps">, { network }: NetworkConfig): boolean {
  return network !== "main" || deps.isOriginTrusted;
}

/**
 * Names the block where our chain begins, once. A wallet may be paid as soon as it has an address, so that is the first
 * checkpoint it has seen; one whose coins are looked for in the state may begin anywhere until it has begun.
 */
export function placeAnchor(draft: Draft): void {
  const { config, durable } = draft.state;
  const { wallet, anchor } = durable;
  if (config === undefined) return;
  const isOther = anchor !== undefined && !equalBytes(anchor.genesisHash, config.genesisHash);
  const isFree = isOther || wallet === undefined || (wallet.restore !== undefined && wallet.scanned === undefined);
  if (anchor !== undefined && !isFree) return;
  const { chainId, genesisHash } = config;
  const checkpoint = freshCheckpoint(draft) ?? (isOriginBelieved(draft, config) ? config.checkpoint : undefined);
  if (checkpoint === undefined || (anchor !== undefined && equalBytes(anchor.checkpoint.blockId, checkpoint.blockId)))
    return;
  update(draft, { durable: { ...durable, anchor: { chainId, genesisHash, checkpoint } } });
}

/**
 * LC-4: trust older than trusting_ms needs a fresh checkpoint above it, whose id the blocks in between must reach. If
 * there is none yet, the origin is asked again.
 */
export function judgeTrust(
  draft: Draft,
  from: { readonly height: number; readonly time: number } | undefined,
): { readonly ok: true; readonly confirmAt: Checkpoint | undefined } | { readonly ok: false } {
  const { params } = draft.state.config!;
  // The file may be asked for again for other reasons, which still stand.
  const clear = (): void => {
    if (draft.state.problem === "checkpoint_too_old") update(draft, { problem: undefined, fetchAtMs: undefined });
  };
  if (from !== undefined && draft.nowMs < from.time + params.trustingMs) {
    clear();
    return { ok: true, confirmAt: undefined };
  }
  const checkpoint = from && freshCheckpoint(draft);
  if (checkpoint !== undefined && checkpoint.height > from!.height) {
    clear();
    return { ok: true, confirmAt: checkpoint };
  }
  update(draft, { problem: "checkpoint_too_old", fetchAtMs: draft.state.fetchAtMs ?? draft.nowMs + FETCH_AGAIN_MS });
  return { ok: false };
}
