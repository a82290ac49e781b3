import type { CheckpointResult, ClientApi } from "../../api/client-api.ts";
import type { CheckpointView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { LightClientNotice } from "../../core/machines/light-client-effect.ts";
import { formatCheckpoint, parseCheckpoint } from "../../core/sync/checkpoint-words.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { untilConfigured } from "./until-configured.ts";

type Judged = Extract<LightClientNotice, { readonly type: "checkpoint-judged" }>;

/** Entries that may wait for nodes; a person makes one at a time. */
const ENTRIES_MAX = 8;
const ENTRY_ID_SIZE = 16;

/** Of the network area of the client's API: checkpoints that people pass on (LC-4). */
export class CheckpointsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #waiting = new Map<string, (result: CheckpointResult) => void>();

  constructor(edges: LightClientEdges, run: () => LightClientRun | undefined) {
    this.#edges = edges;
    this.#run = run;
  }

  readonly api: Pick<ClientApi["network"], "checkpoint" | "enterCheckpoint"> = {
    checkpoint: () => Promise.resolve(this.#checkpoint()),
    enterCheckpoint: (text) => this.#enter(text),
  };

  judged({ entryId, code }: Judged): void {
    const settle = this.#waiting.get(entryId);
    this.#waiting.delete(entryId);
    settle?.(code === undefined ? { ok: true } : { ok: false, code });
  }

  /** The engine is gone: nobody answers any more. */
  stopped(): void {
    for (const settle of this.#waiting.values()) settle({ ok: false, code: "not_ready" });
    this.#waiting.clear();
  }

  #checkpoint(): CheckpointView | undefined {
    const state = this.#run()?.state;
    // Of two chains nobody knows the right one.
    const boundary = state?.durable.fork === undefined ? state?.durable.chain?.boundary : undefined;
    return boundary && { height: boundary.height, timeMs: boundary.timeMs, ...formatCheckpoint(boundary) };
  }

  async #enter(text: string): Promise<CheckpointResult> {
    const parsed = parseCheckpoint(text);
    if (!parsed.ok) return parsed;
    const run = this.#run();
    if (run !== undefined) await untilConfigured(run, this.#edges.timers);
    if (run === undefined || run !== this.#run() || this.#waiting.size >= ENTRIES_MAX) {
      return { ok: false, code: "not_ready" };
    }
    const entryId = formatHex(this.#edges.random.bytes(ENTRY_ID_SIZE));
    return new Promise((resolve) => {
      this.#waiting.set(entryId, resolve);
      run.post({ type: "checkpoint-entered", entryId, name: parsed.name });
    });
  }
}
