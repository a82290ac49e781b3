/** The version that runs here, seen by its files. */
export interface FilesView {
  /** SHA-256 over the list of all files' hashes, as hex. */
  readonly fingerprint: string;
  /** Files that are kept on this device. */
  readonly heldCount: number;
  /** Paths of those that are not what the list says. */
  readonly wrong: readonly string[];
}

/** What the sheet About shows. */
export class AboutState {
  files = $state.raw<FilesView>();
  isRead = $state.raw(false);
  readonly #read: () => Promise<FilesView | undefined>;

  constructor(read: () => Promise<FilesView | undefined>) {
    this.#read = read;
  }

  async load(): Promise<void> {
    try {
      this.files = await this.#read();
    } catch {
      this.files = undefined;
    }
    this.isRead = true;
  }
}
