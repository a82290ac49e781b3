import type { ChainView, DrawRecheck } from "../../api/views.ts";
import {
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_METHODS,
  DRAWS_MAX,
  parseChainAnswer,
  type ChainAnswer,
  type PastDraw,
} from "./chain-answer.ts";
import { readText } from "./read-text.ts";

const RPC_URL = "/rpc";
const CHAIN_MS = 10_000;
/** Draws come with their proofs, some 10 kB each, and there is a new one once a week. */
const DRAWS_EVERY_MS = 60_000;

/** Sends a batch to the page's origin; undefined if no answer comes that can be read. */
export type AskOrigin = (body: string) => Promise<string | undefined>;

/** How the chain stands, asked for again and again. The question is the same for everybody. */
export class ChainReader {
  readonly #now: () => number;
  readonly #ask: AskOrigin;
  #past: readonly PastDraw[] = [];
  #pot = 0n;
  #draws: "due" | { readonly readMs: number } = "due";

  constructor(now: () => number, ask: AskOrigin) {
    this.#now = now;
    this.#ask = ask;
  }

  /** `recheck` gets each past draw as the node wrote it, and the same object as long as it is not read anew. */
  async read(recheck: (draw: unknown) => DrawRecheck): Promise<ChainView | undefined> {
    const areDrawsDue = this.#draws === "due" || this.#now() >= this.#draws.readMs + DRAWS_EVERY_MS;
    const text = await this.#ask(questions(areDrawsDue ? DRAWS_MAX : 0));
    const answer = text === undefined ? undefined : parseChainAnswer(text);
    if (answer === undefined) return undefined;
    this.#keep(answer, areDrawsDue);
    const past = this.#past.map(({ view, claim }) => ({ ...view, recheck: recheck(claim) }));
    return { ...answer.chain, award: { ...answer.award, past } };
  }

  #keep({ award, past }: ChainAnswer, areDrawsDue: boolean): void {
    if (areDrawsDue) {
      const known = new Map(this.#past.map((draw) => [JSON.stringify(draw.claim), draw]));
      this.#past = past.map((draw) => known.get(JSON.stringify(draw.claim)) ?? draw);
      this.#draws = { readMs: this.#now() };
    } else if (award.pot < this.#pot) {
      // Somebody has won it.
      this.#draws = "due";
    }
    this.#pot = award.pot;
  }
}

function questions(drawCount: number): string {
  const calls = CHAIN_METHODS.map((method, id) => {
    const call = { jsonrpc: "2.0", id, method };
    return method === "award" ? { ...call, params: { past: drawCount } } : call;
  });
  return JSON.stringify(calls);
}

/** By fetch, with a limit on time and size. */
export async function askOrigin(body: string): Promise<string | undefined> {
  try {
    const response = await fetch(RPC_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(CHAIN_MS),
    });
    return response.ok ? await readText(response, CHAIN_ANSWER_BYTES_MAX) : undefined;
  } catch {
    return undefined;
  }
}
