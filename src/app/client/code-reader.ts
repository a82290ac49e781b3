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

/** What came of one look: the text of a code, undefined where there is none that can be read; or what reads codes is not there. */
export type CodeReading =
  { readonly ok: true; readonly text: string | undefined } | { readonly ok: false; readonly code: "no_reader" };

/** A worker that reads codes, and what ends with it. */
interface Helper {
  readonly worker: Worker;
  readonly remote: Remote<ScanApi>;
  /** Resolves where its script could not be fetched or fell over: it answers nothing then. */
  readonly failed: Promise<CodeReading>;
}

/** Pixels of the longer side that decoders look at; more only costs time. */
const SIDE_MAX = 1_280;

/** Reads QR codes from pictures: by the browser's own reader where it has one, else in a worker that is started then. */
export class CodeReader {
  #native: Promise<Detector | undefined> | undefined;
  #helper: Helper | undefined;
  readonly #canvas = document.createElement("canvas");

  /** `isHard`: the slow decoder may take its time. Rejects where it could not be fetched. After `no_reader` the next look starts anew. */
  async read(image: HTMLVideoElement | ImageBitmap, isHard: boolean): Promise<CodeReading> {
    this.#native ??= openNative();
    const native = await this.#native;
    if (native !== undefined) {
      try {
        const found = await native.detect(image);
        const text = found.find(({ rawValue }) => rawValue !== "")?.rawValue;
        if (text !== undefined || !isHard) return { ok: true, text };
      } catch {
        // Some browsers have it by name only.
        this.#native = Promise.resolve(undefined);
      }
    }
    const frame = this.#frame(image);
    if (frame === undefined) return { ok: true, text: undefined };
    const helper = (this.#helper ??= startHelper());
    const read = async (): Promise<CodeReading> => {
      return { ok: true, text: await helper.remote.read(transfer(frame, [frame.data.buffer]), isHard) };
    };
    const reading = await Promise.race([read(), helper.failed]);
    if (!reading.ok && this.#helper === helper) this.close();
    return reading;
  }

  close(): void {
    this.#helper?.remote[releaseProxy]();
    this.#helper?.worker.terminate();
    this.#helper = undefined;
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

function startHelper(): Helper {
  const worker = new Worker(new URL("../../../workers/scan.worker.ts", import.meta.url), { type: "module" });
  const failed = new Promise<CodeReading>((resolve) => {
    worker.addEventListener("error", () => resolve({ ok: false, code: "no_reader" }), { once: true });
  });
  return { worker, remote: wrap<ScanApi>(worker), failed };
}
