import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import { blockId, isBoundary } from "../chain/header.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";
import { checkItem, type ItemFault } from "./check-item.ts";
import type { CompactItem, HeaderItem } from "./compact-item.ts";
import type { Checkpoint } from "./network-config.ts";
import {
  linkHeader,
  startChain,
  withStatedFee,
  type LinkFault,
  type StatedFee,
  type TrustedChain,
} from "./trusted-chain.ts";

/** A block and where the chain stands after it. */
export interface LinkedBlock {
  readonly item: CompactItem;
  readonly chain: TrustedChain;
}

/**
 * The data stream's side of a light client: what is trusted, and the blocks above it that are linked to it by their
 * hashes but not proven final yet. One valid certificate above proves all below it, so a client that catches up checks
 * one for many blocks. Where the set changes the block needs its own: the set it announces counts for the next ones.
 */
export interface SyncState {
  readonly params: NetworkParams;
  readonly trusted: TrustedChain;
  readonly linked: readonly LinkedBlock[];
  /** Our trust is older than trusting_ms (LC-4): blocks up to here count only once its id is reached. */
  readonly confirmAt: Checkpoint | undefined;
  readonly statedFee: StatedFee | undefined;
}

export type SyncEvent =
  | { readonly type: "item-received"; readonly item: CompactItem; readonly nowMs: TimeMs; readonly isNewest: boolean }
  /** Nothing more came for a moment: prove what there is. */
  | { readonly type: "paused"; readonly nowMs: TimeMs };

export type SyncFault = LinkFault | ItemFault | "bad_certificate" | "wrong_checkpoint";

export type SyncEffect =
  /** In order, final. */
  | { readonly type: "blocks-proven"; readonly blocks: readonly LinkedBlock[]; readonly isConfirmed: boolean }
  /** The stream is of no use from here; what was not proven is forgotten. */
  | { readonly type: "stream-refused"; readonly fault: SyncFault };

/** Blocks and outputs that may wait for a certificate check: bounds what an unproven stream makes us hold. */
export const LINKED_BLOCKS_MAX = 64;
export const LINKED_OUTPUTS_MAX = 2_048;

export function openSync(
  params: NetworkParams,
  trusted: TrustedChain,
  confirmAt: Checkpoint | undefined,
  statedFee?: StatedFee,
): SyncState {
  return { params, trusted, linked: [], confirmAt, statedFee };
}

/** The chain at a checkpoint: the header is trusted by its name, so its certificate is not needed (LC-4). */
export function startAtCheckpoint(
  checkpoint: Checkpoint,
  chainId: number,
  feeMultiplier: number | undefined,
  item: HeaderItem,
): TrustedChain | undefined {
  if (item.header.chainId !== chainId || item.header.height !== checkpoint.height) return undefined;
  const chain = startChain(item, feeMultiplier);
  return chain !== undefined && equalBytes(chain.blockId, checkpoint.blockId) ? chain : undefined;
}

/** What a stream is judged with. */
export interface SyncDeps {
  readonly bls: BlsBackend;
  readonly curve: Pick<CurveBackend, "sha512Batch">;
}

export function stepSync(
  { bls, curve }: SyncDeps,
  state: SyncState,
  event: SyncEvent,
): readonly [SyncState, readonly SyncEffect[]] {
  switch (event.type) {
    case "item-received": {
      const fault = checkItem(curve, event.item);
      if (fault !== undefined) return refuse(state, fault);
      const linked = linkItem(state, event.item, event.nowMs);
      if (!linked.ok)
        return linked.fault === "ahead" ? refuseAhead(bls, state, event.item) : refuse(state, linked.fault);
      const next = { ...state, linked: [...state.linked, linked.block] };
      return isProofDue(next, event.isNewest) ? proveLinked(bls, next) : [next, []];
    }
    case "paused":
      return state.linked.length === 0 ? [state, []] : proveLinked(bls, state);
    default:
      return event satisfies never;
  }
}

function refuse(state: SyncState, fault: SyncFault): readonly [SyncState, readonly SyncEffect[]] {
  return [{ ...state, linked: [] }, [{ type: "stream-refused", fault }]];
}

/**
 * It may be our own clock that is behind: what came before still counts, or such a client would never get on. Only a
 * certified block can say that our clock is, and so `ahead` is said of no other.
 */
function refuseAhead(
  bls: BlsBackend,
  state: SyncState,
  item: CompactItem,
): readonly [SyncState, readonly SyncEffect[]] {
  const [proven, effects] = state.linked.length === 0 ? [state, []] : proveLinked(bls, state);
  if (effects.some((effect) => effect.type === "stream-refused")) return [proven, effects];
  const { header, certificate } = item;
  const id = blockId(header);
  const { nextValidators } = proven.trusted;
  const isCertified = verifyCertificate(bls, header.chainId, header.height, id, certificate, nextValidators);
  const [refused, refusal] = refuse(proven, isCertified ? "ahead" : "bad_certificate");
  return [refused, [...effects, ...refusal]];
}

function linkItem(
  state: SyncState,
  item: CompactItem,
  nowMs: TimeMs,
): { readonly ok: true; readonly block: LinkedBlock } | { readonly ok: false; readonly fault: SyncFault } {
  const { params, confirmAt } = state;
  const { header } = item;
  const tip = state.linked.at(-1)?.chain ?? state.trusted;
  const isBelow = confirmAt !== undefined && header.height <= confirmAt.height;
  const result = linkHeader(params, tip, item, isBelow ? undefined : nowMs);
  if (!result.ok) return result;
  const isThere = confirmAt?.height === header.height;
  if (isThere && !equalBytes(result.chain.blockId, confirmAt.blockId)) return { ok: false, fault: "wrong_checkpoint" };
  return { ok: true, block: { item, chain: withStatedFee(result.chain, state.statedFee) } };
}

/** At the tip at once, while catching up once for many; always where the set changes and at the checkpoint. */
function isProofDue(state: SyncState, isNewest: boolean): boolean {
  const { header } = state.linked.at(-1)!.item;
  const outputCount = state.linked.reduce((sum, block) => sum + block.item.compact.entries.length, 0);
  return (
    isNewest ||
    state.linked.length >= LINKED_BLOCKS_MAX ||
    outputCount >= LINKED_OUTPUTS_MAX ||
    header.height === state.confirmAt?.height ||
    (isBoundary(header) && !equalBytes(header.nextValHash, header.valHash))
  );
}

function proveLinked(bls: BlsBackend, state: SyncState): readonly [SyncState, readonly SyncEffect[]] {
  const { linked } = state;
  const last = linked.at(-1)!;
  const { header, certificate } = last.item;
  // The last block's signers: the set named by the block below it.
  const signers = (linked.at(-2)?.chain ?? state.trusted).nextValidators;
  const { chainId, height } = header;
  if (!verifyCertificate(bls, chainId, height, last.chain.blockId, certificate, signers)) {
    return refuse(state, "bad_certificate");
  }
  const isConfirmed = state.confirmAt === undefined || height >= state.confirmAt.height;
  const next: SyncState = {
    ...state,
    trusted: last.chain,
    linked: [],
    confirmAt: isConfirmed ? undefined : state.confirmAt,
  };
  return [next, [{ type: "blocks-proven", blocks: linked, isConfirmed }]];
}
