import type { PacketPictureResult } from "../../api/packets.ts";
import type { MakePicture } from "./picture-choice.svelte.ts";
import { forgetPicture, showMade, type ShownPicture } from "./shown-picture.ts";

/** A link may be opened before all that is needed for its picture is done: it is asked for again after so long. */
const AGAIN_MS = [1_000, 3_000, 6_000] as const;

const show: MakePicture = async (file) => (await import("../client/media-worker.ts")).showPicture(file);

/** The picture that the sender of a packet has put in: fetched from nodes, made anew here, and only then shown. */
export class ReceivedPicture {
  /** undefined until it can be shown. */
  shown = $state.raw<ShownPicture>();
  /** It will not be shown any more. */
  isGone = $state.raw(false);
  readonly #read: () => Promise<PacketPictureResult>;
  readonly #show: MakePicture;

  constructor(read: () => Promise<PacketPictureResult>, make: MakePicture = show) {
    this.#read = read;
    this.#show = make;
  }

  async fetch(): Promise<void> {
    const read = await this.#readAgain();
    const shown = read?.ok === true ? await this.#show(read.bytes).catch(() => undefined) : undefined;
    if (shown?.ok === true) this.shown = showMade(shown);
    else this.isGone = true;
  }

  /** It looked right and cannot be shown. */
  break(): void {
    if (this.shown !== undefined) forgetPicture(this.shown);
    this.shown = undefined;
    this.isGone = true;
  }

  async #readAgain(): Promise<PacketPictureResult | undefined> {
    for (const waitMs of [...AGAIN_MS, undefined]) {
      const read = await this.#read().catch(() => undefined);
      const mayCome = read?.ok === false && (read.code === "missing" || read.code === "offline");
      if (!mayCome || waitMs === undefined) return read;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return undefined;
  }
}
