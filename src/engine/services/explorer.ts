import type {
  BlockResult,
  LookupProblem,
  NewestBlockView,
  RecentView,
  SearchHit,
  SearchResult,
} from "../../api/explorer.ts";
import type { ClientApi } from "../../api/client-api.ts";
import { stretchesFor, stretchOf } from "../../core/sync/block-stretch.ts";
import type { TrustedChain } from "../../core/sync/trusted-chain.ts";
import { amount } from "../../core/values/amount.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import type { NetworkName } from "../../core/values/network.ts";
import { BlockStretches, type StretchOutcome } from "./block-stretches.ts";
import { viewBlock } from "./explored-views.ts";
import { ForkWatch, isForked } from "./fork-watch.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { findGround, type GroundProblem, type LookupGround } from "./lookup-ground.ts";
import { lookupNodes } from "./lookup-nodes.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import { parseQuery, searchBlocks } from "./search-blocks.ts";
import { networkOf } from "./views.ts";

/** What exploring needs of a run. */
export type ExplorerRun = Pick<LightClientRun, "state" | "until" | "proofRoot" | "decoySecret">;

/** Stretches that one search reads, whatever is sought and wherever it is found: 1,024 blocks. */
export const SEARCH_STRETCHES = 4;
/** A device that stands this far below the newest block may be asked for it. */
const AHEAD_BLOCKS_MAX = 16;

/** The explorer area of the client's API: what this device knows of the chain, and what it asks others for (NW-20). */
export class ExplorerService {
  readonly #edges: LightClientEdges;
  readonly #run: () => ExplorerRun | undefined;
  readonly #recent: RecentBlocks;
  readonly #stretches: BlockStretches;
  /** LC-3: over a fork nobody is asked anything. */
  readonly #forks: ForkWatch;
  /** Of the covers of a device without a wallet; drawn when it is first needed. */
  #ownSecret: Hash | undefined;
  #lastLookup: Promise<unknown> = Promise.resolve();

  constructor(edges: LightClientEdges, run: () => ExplorerRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#recent = new RecentBlocks(edges);
    this.#stretches = new BlockStretches(edges);
    this.#forks = new ForkWatch(() => this.stopped());
  }

  readonly api: ClientApi["explorer"] = {
    recent: () => Promise.resolve(this.#look()),
    block: (at) => this.#inTurn(() => this.#block(at)),
    search: (text, further) => this.#inTurn(() => this.#search(text, further)),
    progress: () => Promise.resolve(this.#stretches.progress),
  };

  /** The run is over: nobody is asked any more, and no host is left. */
  async stopped(): Promise<void> {
    await Promise.all([this.#recent.end(), this.#stretches.endAll()]);
  }

  /** What was known belongs to a chain or a wallet that is gone. */
  forget(): void {
    this.#recent.forget();
    this.#stretches.forget();
  }

  /** Answers with what is known, and asks for what is not: whoever looks asks again. */
  #look(): RecentView {
    const run = this.#run();
    const newest = run?.state.durable.chain;
    if (run !== undefined && newest !== undefined && !isForked(run)) {
      this.#forks.watch(run);
      const { config } = run.state;
      if (config !== undefined) void this.#recent.follow({ config, nodes: lookupNodes(run.state, config), newest });
    }
    return { newest: newest && viewNewest(newest), blocks: this.#recent.blocks };
  }

  /** One after the other: each opens connections. */
  #inTurn<Result>(lookup: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastLookup.then(lookup);
    this.#lastLookup = turn.catch(() => undefined);
    return turn;
  }

  get #newest(): number | undefined {
    return this.#run()?.state.durable.chain?.header.height;
  }

  async #block(at: number): Promise<BlockResult> {
    if (!Number.isSafeInteger(at) || at < 1) return { ok: false, code: "not_made" };
    const known = this.#known(at);
    if (known !== undefined) return known;
    const newest = this.#newest;
    if (newest !== undefined && at > newest + AHEAD_BLOCKS_MAX) return { ok: false, code: "not_made" };
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return { ok: false, code: problemOf(ground) };
    const stretch = stretchOf(at);
    const secret = this.#run()?.decoySecret() ?? (this.#ownSecret ??= hash(this.#edges.random.bytes(32)));
    // Up to this block at least, where the stretch is not full yet.
    const outcomes = await this.#stretches.read(
      ground,
      stretchesFor(secret, stretch, newest),
      Math.max(at, newest ?? at),
    );
    const found = this.#known(at);
    if (found !== undefined) return found;
    if (isForked(this.#run())) return { ok: false, code: "fork" };
    const outcome = outcomes.get(stretch) ?? "offline";
    // The upper part of a stretch is kept longer than the lower one.
    if (outcome === "read") return { ok: false, code: newest !== undefined && at <= newest ? "gone" : "not_made" };
    return { ok: false, code: outcome };
  }

  #known(at: number): BlockResult | undefined {
    const block = this.#stretches.block(at);
    return block && { ok: true, block: viewBlock(block, this.#network()) };
  }

  /** What is sought is compared here, with blocks that anybody would have asked for. */
  async #search(text: string, further: number): Promise<SearchResult> {
    const network = networkOf(this.#run()?.state);
    const query = network && parseQuery(text, network);
    if (network !== undefined && query === undefined) return { ok: false, code: "not_a_query" };
    const newest = this.#newest;
    if (query === undefined || newest === undefined) return searched([], undefined, "not_ready");
    if (query.type === "height") {
      const isThere = query.height >= 1 && query.height <= newest;
      const timeMs = this.#stretches.block(query.height)?.header.time;
      const hit: SearchHit = { type: "block", height: query.height, timeMs };
      return searched(isThere ? [hit] : [], undefined, isThere ? undefined : "not_made");
    }
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    const problem = typeof ground === "string" ? problemOf(ground) : await this.#readSpan(ground, newest, further);
    const blocks = [...this.#stretches.blocks()];
    const span = blocks.length === 0 ? undefined : ([blocks.at(-1)!.header.height, blocks[0]!.header.height] as const);
    return searched(searchBlocks(blocks, query), span, problem);
  }

  /** The newest stretches, or those below them; all of them, wherever what is sought turns up. */
  async #readSpan(ground: LookupGround, newest: number, further: number): Promise<LookupProblem | undefined> {
    const highest = stretchOf(newest) - SEARCH_STRETCHES * Math.max(0, Math.floor(further));
    const stretches = Array.from({ length: SEARCH_STRETCHES }, (_, index) => highest - index).filter((at) => at >= 0);
    if (stretches.length === 0) return "gone";
    const outcomes = [...(await this.#stretches.read(ground, stretches, newest)).values()];
    const isBad = (outcome: StretchOutcome): outcome is Exclude<StretchOutcome, "read"> => outcome !== "read";
    return outcomes.find(isBad);
  }

  #network(): NetworkName {
    return networkOf(this.#run()?.state) ?? "main";
  }
}

function searched(
  hits: readonly SearchHit[],
  span: readonly [number, number] | undefined,
  problem: LookupProblem | undefined,
): SearchResult {
  return { ok: true, hits, from: span?.[0], to: span?.[1], problem };
}

function problemOf(problem: GroundProblem): LookupProblem {
  return problem === "checkpoint_too_old" ? "not_ready" : problem;
}

function viewNewest({ header }: TrustedChain): NewestBlockView {
  const { height, time, pot, minted, burned } = header;
  return { height, timeMs: time, pot: amount(pot), minted: amount(minted), burned: amount(burned) };
}
