import { writeFile } from "node:fs/promises";
import { encodeQR } from "qr";

const [WIDTH, HEIGHT] = [640, 480];
const MODULE_PIXELS = 6;
const PAPER = 235;
const INK = 16;
const FRAMES = 10;

/** Brightness of each pixel of a picture that shows a code; `isMirrored`: as seen in a mirror or through glass, which `qr` does not read. */
function paint(text: string, isMirrored: boolean): Buffer {
  const rows = encodeQR(text, "raw", { ecc: "high", border: 4 });
  const pixels = Math.min(MODULE_PIXELS, Math.floor(HEIGHT / rows.length));
  const picture = Buffer.alloc(WIDTH * HEIGHT, PAPER);
  const left = Math.floor((WIDTH - rows.length * pixels) / 2);
  const top = Math.floor((HEIGHT - rows.length * pixels) / 2);
  for (let y = 0; y < rows.length * pixels; y++) {
    for (let x = 0; x < rows.length * pixels; x++) {
      if (rows[Math.floor(y / pixels)]?.[Math.floor(x / pixels)] === true) picture[(top + y) * WIDTH + left + x] = INK;
    }
  }
  if (!isMirrored) return picture;
  for (let y = 0; y < HEIGHT; y++) picture.subarray(y * WIDTH, (y + 1) * WIDTH).reverse();
  return picture;
}

/** Writes a film of a code, as Chromium takes it for a camera. */
export async function filmCode(file: string, text: string, isMirrored = false): Promise<void> {
  const grey = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), paint(text, isMirrored), grey]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(file, Buffer.concat([head, ...Array<Buffer>(FRAMES).fill(frame)]));
}
