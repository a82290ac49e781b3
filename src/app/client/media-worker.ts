import { wrap } from "comlink";
import type { MediaApi, PictureResult } from "../../api/media-api.ts";

/** A decoder that takes longer is stuck in what it was given. */
const ANSWER_MS = 30_000;

/** A file of this device, made anew for a packet. */
export const preparePicture = (file: Uint8Array): Promise<PictureResult | undefined> =>
  inWorker((media) => media.preparePicture(file));

/** A picture of somebody else, as it may be shown. */
export const showPicture = (file: Uint8Array): Promise<PictureResult | undefined> =>
  inWorker((media) => media.showPicture(file));

/**
 * A worker for each file: what a bad one does to it ends with it. undefined: its script could not be fetched or fell over,
 * or it has not answered.
 */
async function inWorker(ask: (media: MediaApi) => Promise<PictureResult>): Promise<PictureResult | undefined> {
  const worker = new Worker(new URL("../../../workers/media.worker.ts", import.meta.url), { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = new Promise<undefined>((resolve) => {
    worker.addEventListener("error", () => resolve(undefined), { once: true });
    timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  });
  try {
    return await Promise.race([ask(wrap<MediaApi>(worker)), failed]);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
