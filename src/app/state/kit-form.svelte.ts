import type { BackupFault } from "../../api/backup.ts";
import { formatKitCode, KIT_CODE_BYTES } from "../../core/values/kit-code.ts";
import type { Session } from "./session.svelte.ts";

/** Bytes of a file that is read at all; the client looks at less. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

export type KitProblem = BackupFault | "other_wallet" | "no_file" | "failed";

/** The part of a chosen file that is needed. */
export type ChosenFile = Pick<File, "size" | "arrayBuffer">;

/** What a person has chosen, as the client takes it, or why not. */
export async function readKitFile(file: ChosenFile | undefined): Promise<Uint8Array | "no_file" | "too_large"> {
  if (file === undefined) return "no_file";
  if (file.size > FILE_BYTES_MAX) return "too_large";
  return new Uint8Array(await file.arrayBuffer());
}

/** A backup file: made, saved, and read again before it counts. */
export class KitForm {
  step = $state.raw<"start" | "made" | "check" | "done">("start");
  /** Shown until the check; never stored. */
  code = $state.raw("");
  typed = $state("");
  /** The browser was given the file: only then is there anything to check. */
  isSaveBegun = $state.raw(false);
  /** A file was made before this one, and its code is gone. */
  isAnew = $state.raw(false);
  isBusy = $state.raw(false);
  problem = $state.raw<KitProblem>();
  file: Uint8Array | undefined;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Puts the sealed wallet into a picture, under a fresh code. */
  make(picture: () => Promise<Uint8Array>, random: (size: number) => Uint8Array): Promise<void> {
    return this.#run(async () => {
      const code = formatKitCode(random(KIT_CODE_BYTES));
      this.file = await this.#session.client.safety.makeKit({ picture: await picture(), code });
      this.code = code;
      this.step = "made";
      return undefined;
    });
  }

  /** Gives the file away to be saved. */
  save(give: (file: Uint8Array) => void): void {
    if (this.file === undefined) return;
    give(this.file);
    this.isSaveBegun = true;
  }

  toCheck(): void {
    if (!this.isSaveBegun) return;
    this.code = "";
    this.step = "check";
  }

  /** Back to where a file is made, under a code of its own: what was saved before cannot be shown again. */
  beginAnew(): void {
    if (this.isBusy) return;
    this.file = undefined;
    this.typed = "";
    this.problem = undefined;
    this.isSaveBegun = false;
    this.isAnew = true;
    this.step = "start";
  }

  /** Reads the saved file again, with the code that was written down. */
  check(file: ChosenFile | undefined): Promise<void> {
    return this.#run(async () => {
      const bytes = await readKitFile(file);
      if (typeof bytes === "string") return bytes;
      const checked = await this.#session.client.safety.checkKit({ file: bytes, code: this.typed });
      if (!checked.ok) return checked.code;
      this.typed = "";
      this.file = undefined;
      this.step = "done";
      return undefined;
    });
  }

  async #run(work: () => Promise<KitProblem | undefined>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      this.problem = await work();
    } catch {
      this.problem = "failed";
    } finally {
      this.isBusy = false;
    }
  }
}
