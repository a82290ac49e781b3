import { wrap } from "comlink";
import type { MediaApi } from "../../../src/api/media-api.ts";

const worker = new Worker(new URL("../../../workers/media.worker.ts", import.meta.url), { type: "module" });
const media = wrap<MediaApi>(worker);

/** A picture that no encoder makes small, or one of a colour. */
async function draw(width: number, height: number, type: string, isNoise: boolean): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  let state = 1;
  for (let at = 0; at < image.data.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    image.data[at] = isNoise ? state >>> 24 : 200;
  }
  for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
  context.putImageData(image, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
}

type Asked = "preparePicture" | "showPicture";

/** What the worker says of a file, without its bytes. */
async function ask(call: Asked, file: Uint8Array) {
  const result = await media[call](file);
  if (!result.ok) return result.code;
  const { bytes, mime, width, height, motion } = result;
  if (motion?.type === "video") return { mime, width, height, size: bytes.length, motion };
  const bitmap = await createImageBitmap(new Blob([bytes], { type: mime }));
  return {
    mime,
    width,
    height,
    size: bytes.length,
    decoded: [bitmap.width, bitmap.height],
    text: String.fromCharCode(...bytes.subarray(0, 5_000)),
    motion: motion && { type: motion.type, still: motion.still?.mime },
  };
}

const tools = {
  drawn: async (call: Asked, width: number, height: number, type: string, isNoise: boolean) =>
    ask(call, await draw(width, height, type, isNoise)),
  given: (call: Asked, bytes: readonly number[]) => ask(call, Uint8Array.from(bytes)),
  /** A PNG with a word about its maker in it. */
  named: async () => {
    const png = await draw(40, 30, "image/png", false);
    const text = new TextEncoder().encode("tEXtAuthor\0Alice of Wonderland");
    const chunk = new Uint8Array(8 + text.length);
    new DataView(chunk.buffer).setUint32(0, text.length - 4);
    chunk.set(text, 4);
    new DataView(chunk.buffer).setUint32(4 + text.length, crc(text));
    return ask("preparePicture", Uint8Array.from([...png.subarray(0, 33), ...chunk, ...png.subarray(33)]));
  },
  cut: async (type: string) => ask("showPicture", (await draw(40, 30, type, true)).slice(0, 60)),
};

function crc(bytes: Uint8Array): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0xedb88320 & -(value & 1));
  }
  return ~value >>> 0;
}

export type MediaTools = typeof tools;
Object.assign(globalThis, { tools, isReady: true });
