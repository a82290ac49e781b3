import type { BackupFault, BackupRequest, KitRequest } from "../../api/backup.ts";
import type { ClientApi, WordEntry } from "../../api/client-api.ts";
import type { SafetyView } from "../../api/views.ts";
import { SAFETY_THRESHOLDS } from "../../core/params/safety-thresholds.ts";
import type { NetworkName } from "../../core/values/network.ts";
import { formatRecoveryWords, RECOVERY_WORD_COUNT } from "../../core/values/recovery-words.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { KEY_SALT_SIZE } from "../../core/crypto/key-derivation.ts";
import { parseKitCode } from "../../core/values/kit-code.ts";
import { type KitContents, openKit, sealKit } from "../../core/wallet/backup-kit.ts";
import { putKit, takeKit } from "../../core/wallet/kit-picture.ts";
import { decodeWalletSecrets } from "../../core/wallet/wallet-secrets.ts";
import type { LightClientEdges } from "./light-client-run.ts";
import { readSafetyRecord, writeSafetyRecord } from "./safety-record.ts";
import { timeMs } from "../../core/values/height.ts";

/** How many of the 24 have to be entered. */
const WORDS_CHECKED_MIN = 4;
const PRF_SIZE = 32;

/** The safety area of the client's API, as far as it needs no browser. */
export interface WalletSafety extends Pick<
  ClientApi["safety"],
  "checkWords" | "sealForPasskey" | "makeKit" | "checkKit"
> {
  view(): Omit<SafetyView, "hasPin" | "passkeys">;
}

export class SafetyService {
  readonly #edges: LightClientEdges;
  readonly #network: () => NetworkName | undefined;

  constructor(edges: LightClientEdges, network: () => NetworkName | undefined) {
    this.#edges = edges;
    this.#network = network;
  }

  readonly api: WalletSafety = {
    view: () => {
      const { wordsCheckedMs, kitCheckedMs } = readSafetyRecord(this.#edges.store);
      const network = this.#network();
      return { wordsCheckedMs, kitCheckedMs, thresholds: network && SAFETY_THRESHOLDS[network] };
    },
    checkWords: async (entries) => {
      if (!areRight(this.#seed(), entries)) return false;
      await this.wordsChecked();
      return true;
    },
    sealForPasskey: (prf) => Promise.resolve(sealKit(this.#contents(), { type: "prf", prf }, this.#salt())),
    makeKit: ({ picture, code: text }) => {
      const code = parseKitCode(text);
      if (code === undefined) return Promise.reject(new RangeError("no code"));
      return Promise.resolve(putKit(picture, sealKit(this.#contents(), { type: "code", code }, this.#salt())));
    },
    checkKit: async (request) => {
      const opened = openKitFile(request);
      if (!opened.ok) return opened;
      if (!equalBytes(opened.contents.secrets, this.#contents().secrets)) return { ok: false, code: "other_wallet" };
      await this.kitChecked();
      return { ok: true };
    },
  };

  /** A saved file has just been read and opened. */
  async kitChecked(): Promise<void> {
    await writeSafetyRecord(this.#edges.store, { kitCheckedMs: timeMs(this.#edges.timers.now()) });
  }

  #contents(): KitContents {
    const secrets = this.#edges.store.secrets();
    if (secrets === undefined) throw new Error("no wallet");
    return { secrets };
  }

  #salt(): Uint8Array {
    return this.#edges.random.bytes(KEY_SALT_SIZE);
  }

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

/** Opens a backup, whoever made it. */
export function openBackup(
  request: BackupRequest,
): { readonly ok: true; readonly contents: KitContents } | { readonly ok: false; readonly code: BackupFault } {
  if (request.type === "file") return openKitFile(request);
  const { prf, blob } = request;
  return prf.length === PRF_SIZE ? openKit(blob, { type: "prf", prf }) : { ok: false, code: "wrong_key" };
}

function openKitFile({ file, code: text }: KitRequest): ReturnType<typeof openBackup> {
  const code = parseKitCode(text);
  if (code === undefined) return { ok: false, code: "code_invalid" };
  const taken = takeKit(file);
  return taken.ok ? openKit(taken.kit, { type: "code", code }) : taken;
}

function areRight(seed: Uint8Array, entries: readonly WordEntry[]): boolean {
  const places = new Set(entries.map(({ index }) => index));
  if (places.size < WORDS_CHECKED_MIN || entries.length > RECOVERY_WORD_COUNT) return false;
  const words = formatRecoveryWords(seed).split(" ");
  return entries.every(({ index, word }) => words[index] === word.normalize("NFKC").trim().toLowerCase());
}
