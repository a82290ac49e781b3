import { PICTURE_FILE_BYTES_MAX } from "../../api/limits.ts";
import type { PictureRefusal, PictureResult } from "../../api/media-api.ts";
import { forgetPicture, showMade, type ShownPicture } from "./shown-picture.ts";

/** `failed`: what makes pictures anew did not come, or did not answer. */
export type PictureProblem = PictureRefusal | "failed";

/** Makes a picture anew from its pixels; undefined where that cannot be done at the moment. */
export type MakePicture = (file: Uint8Array) => Promise<PictureResult | undefined>;

const prepare: MakePicture = async (file) => (await import("../client/media-worker.ts")).preparePicture(file);

/** The picture that somebody puts into a packet: in memory alone, until the packet is made or the wallet goes. */
export class PictureChoice {
  /** As it goes into the packet. */
  bytes = $state.raw<Uint8Array>();
  /** Shows it on this page; as long as it is chosen. */
  shown = $state.raw<ShownPicture>();
  isPreparing = $state.raw(false);
  problem = $state.raw<PictureProblem>();
  /** Another for each choice. */
  #turn = $state.raw(0);
  readonly #make: MakePicture;

  constructor(make: MakePicture = prepare) {
    this.#make = make;
  }

  /** The same as long as the same picture is chosen, or none. */
  readonly mark = $derived.by(() => (this.bytes === undefined && !this.isPreparing ? "" : String(this.#turn)));

  /** In the place of what was chosen before; of two the later one counts. */
  async choose(file: Blob): Promise<void> {
    this.remove();
    const turn = this.#turn;
    this.isPreparing = true;
    const made = await this.#makeOf(file).catch(() => undefined);
    if (turn !== this.#turn) return;
    this.isPreparing = false;
    if (made?.ok === true) {
      this.bytes = made.bytes;
      this.shown = showMade(made);
    } else {
      this.problem = made?.code ?? "failed";
    }
  }

  /** It was read here, and this browser cannot show it: nobody else's may. */
  break(): void {
    this.remove();
    this.problem = "damaged";
  }

  remove(): void {
    if (this.shown !== undefined) forgetPicture(this.shown);
    this.#turn++;
    this.bytes = this.shown = this.problem = undefined;
    this.isPreparing = false;
  }

  async #makeOf(file: Blob): Promise<PictureResult | undefined> {
    // Not even read: a film may be larger than the memory of a phone.
    if (file.size > PICTURE_FILE_BYTES_MAX) return { ok: false, code: "too_large" };
    return this.#make(new Uint8Array(await file.arrayBuffer()));
  }
}
