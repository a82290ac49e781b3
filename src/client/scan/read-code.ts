import decodeQR from "qr/decode.js";
import type { CodeFrame } from "../../api/scan-api.ts";

type HardDecoder = (frame: CodeFrame) => Promise<string | undefined>;

let hard: Promise<HardDecoder> | undefined;

/** The text of a QR code in a picture; undefined: none that can be read. The slow decoder is loaded when first wanted. */
export async function readCode(frame: CodeFrame, isHard: boolean): Promise<string | undefined> {
  const easy = readEasy(frame);
  if (easy !== undefined || !isHard) return easy;
  hard ??= openHard();
  try {
    return await (
      await hard
    )(frame);
  } catch {
    // It comes over the network when it is first wanted. The next look asks again.
    hard = undefined;
    return undefined;
  }
}

function readEasy(frame: CodeFrame): string | undefined {
  // The library says by an exception that it has found nothing.
  try {
    return decodeQR(frame) || undefined;
  } catch {
    return undefined;
  }
}

/** Its WebAssembly comes from our own origin; by itself the library would ask a stranger for it. */
async function openHard(): Promise<HardDecoder> {
  const [{ prepareZXingModule, readBarcodes }, { default: url }] = await Promise.all([
    import("zxing-wasm/reader"),
    import("zxing-wasm/reader/zxing_reader.wasm?url"),
  ]);
  prepareZXingModule({ overrides: { locateFile: () => url } });
  return async ({ data, width, height }) => {
    const image = new ImageData(data, width, height);
    const found = await readBarcodes(image, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
    return found[0]?.text || undefined;
  };
}
