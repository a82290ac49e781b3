import type { ClientApi, WordEntry } from "../../api/client-api.ts";
import { SAFETY_THRESHOLDS } from "../../core/params/safety-thresholds.ts";
import type { NetworkName } from "../../core/values/network.ts";
import { formatRecoveryWords, RECOVERY_WORD_COUNT } from "../../core/values/recovery-words.ts";
import { decodeWalletSecrets } from "../../core/wallet/wallet-secrets.ts";
import type { LightClientEdges } from "./light-client-run.ts";
import { readSafetyRecord, writeSafetyRecord } from "./safety-record.ts";
import { timeMs } from "../../core/values/height.ts";

/** How many of the 24 have to be entered. */
const WORDS_CHECKED_MIN = 4;

/** The safety area of the client's API, as far as it needs no browser. */
export class SafetyService {
  readonly #edges: LightClientEdges;
  readonly #network: () => NetworkName | undefined;

  constructor(edges: LightClientEdges, network: () => NetworkName | undefined) {
    this.#edges = edges;
    this.#network = network;
  }

  readonly api: ClientApi["safety"] = {
    view: () => {
      const { wordsCheckedMs } = readSafetyRecord(this.#edges.store);
      const network = this.#network();
      return Promise.resolve({ wordsCheckedMs, thresholds: network && SAFETY_THRESHOLDS[network] });
    },
    checkWords: async (entries) => {
      if (!areRight(this.#seed(), entries)) return false;
      await this.wordsChecked();
      return true;
    },
  };

  /** All of them, or some that were asked for, have just been entered. */
  async wordsChecked(): Promise<void> {
    await writeSafetyRecord(this.#edges.store, { wordsCheckedMs: timeMs(this.#edges.timers.now()) });
  }

  #seed(): Uint8Array {
    const bytes = this.#edges.store.secrets();
    const secrets = bytes && decodeWalletSecrets(bytes);
    if (secrets?.tier !== "seed") throw new Error("no recovery words");
    return secrets.bytes;
  }
}

function areRight(seed: Uint8Array, entries: readonly WordEntry[]): boolean {
  const places = new Set(entries.map(({ index }) => index));
  if (places.size < WORDS_CHECKED_MIN || entries.length > RECOVERY_WORD_COUNT) return false;
  const words = formatRecoveryWords(seed).split(" ");
  return entries.every(({ index, word }) => words[index] === word.normalize("NFKC").trim().toLowerCase());
}
