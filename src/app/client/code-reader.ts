import { releaseProxy, transfer, wrap, type Remote } from "comlink";
import type { CodeFrame, ScanApi } from "../../api/scan-api.ts";

/** The part of the browser's own reader that is used; the compiler's DOM library does not know it yet. */
interface Detector {
  detect(image: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** Pixels of the longer side that decoders look at; more only costs time. */
const SIDE_MAX = 1_280;

/** Reads QR codes from pictures: by the browser's own reader where it has one, else in a worker that is started then. */
export class CodeReader {
  #native: Promise<Detector | undefined> | undefined;
  #worker: { readonly worker: Worker; readonly remote: Remote<ScanApi> } | undefined;
  readonly #canvas = document.createElement("canvas");

  /** The text of a code; undefined: none that can be read. `isHard`: the slow decoder may take its time. */
  async read(image: HTMLVideoElement | ImageBitmap, isHard: boolean): Promise<string | undefined> {
    this.#native ??= openNative();
    const native = await this.#native;
    if (native !== undefined) {
      try {
        const found = await native.detect(image);
        const text = found.find(({ rawValue }) => rawValue !== "")?.rawValue;
        if (text !== undefined || !isHard) return text;
      } catch {
        // Some browsers have it by name only.
        this.#native = Promise.resolve(undefined);
      }
    }
    const frame = this.#frame(image);
    if (frame === undefined) return undefined;
    this.#worker ??= startWorker();
    return this.#worker.remote.read(transfer(frame, [frame.data.buffer]), isHard);
  }

  close(): void {
    this.#worker?.remote[releaseProxy]();
    this.#worker?.worker.terminate();
    this.#worker = undefined;
  }

  #frame(image: HTMLVideoElement | ImageBitmap): CodeFrame | undefined {
    const [fullWidth, fullHeight] =
      image instanceof HTMLVideoElement ? [image.videoWidth, image.videoHeight] : [image.width, image.height];
    const scale = Math.min(1, SIDE_MAX / Math.max(fullWidth, fullHeight));
    const [width, height] = [Math.round(fullWidth * scale), Math.round(fullHeight * scale)];
    if (width === 0 || height === 0) return undefined;
    this.#canvas.width = width;
    this.#canvas.height = height;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) return undefined;
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, data };
  }
}

async function openNative(): Promise<Detector | undefined> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass };
  const formats = await BarcodeDetector?.getSupportedFormats().catch((): readonly string[] => []);
  return BarcodeDetector !== undefined && formats?.includes("qr_code") === true
    ? new BarcodeDetector({ formats: ["qr_code"] })
    : undefined;
}

function startWorker(): { readonly worker: Worker; readonly remote: Remote<ScanApi> } {
  const worker = new Worker(new URL("../../../workers/scan.worker.ts", import.meta.url), { type: "module" });
  return { worker, remote: wrap<ScanApi>(worker) };
}
