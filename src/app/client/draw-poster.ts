import { FONT, GREETING_FONT, PACKET_COLOURS as COLOURS, wrapLines } from "./canvas-picture.ts";

/** Words on the poster, in the language of whoever prints it. */
export interface PosterTexts {
  /** Of the app. */
  readonly name: string;
  readonly title: string;
  /** From the sender; empty: none. */
  readonly greeting: string;
  readonly glyph: string;
  readonly scan: string;
  /** What else there is to know, a line each. */
  readonly facts: readonly string[];
}

/** A4, at 150 dots to the inch. */
const WIDTH = 1_240;
const HEIGHT = 1_754;
const MARGIN = 100;
const GREETING_LINES_MAX = 2;
const CODE_SIZE = 700;
/** Light modules around the code, as readers want them on paper. */
const QUIET_ZONE = 4;
const ENVELOPE = { left: 170, top: 400, width: 900, height: 950, radius: 64 } as const;
const SEAL = { y: 520, radius: 72 } as const;

/** Draws what may hang on a wall: a packet with the code of its link. Whoever reads the code can open the packet. */
export async function drawPoster(canvas: HTMLCanvasElement, link: string, texts: PosterTexts): Promise<void> {
  const { encodeQR } = await import("qr");
  const rows = encodeQR(link, "raw", { ecc: "medium", border: QUIET_ZONE });
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  pen.fillStyle = COLOURS.paper;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  drawEnvelope(pen, texts.glyph);
  drawCode(pen, rows);
  pen.textAlign = "center";
  pen.fillStyle = COLOURS.ink;
  drawLine(pen, texts.title, 180, `600 84px ${GREETING_FONT}`);
  pen.font = `52px ${GREETING_FONT}`;
  const greeting = wrapLines(pen, texts.greeting, WIDTH - 2 * MARGIN).slice(0, GREETING_LINES_MAX);
  greeting.forEach((line, index) => pen.fillText(line, WIDTH / 2, 270 + index * 68, WIDTH - 2 * MARGIN));
  drawLine(pen, texts.scan, 1_440, `600 52px ${FONT}`);
  pen.fillStyle = COLOURS.ink2;
  texts.facts.forEach((fact, index) => drawLine(pen, fact, 1_506 + index * 50, `36px ${FONT}`));
  pen.fillStyle = COLOURS.body;
  drawLine(pen, texts.name, HEIGHT - 40, `600 40px ${FONT}`);
}

function drawLine(pen: CanvasRenderingContext2D, text: string, y: number, font: string): void {
  pen.font = font;
  pen.fillText(text, WIDTH / 2, y, WIDTH - 2 * MARGIN);
}

function drawEnvelope(pen: CanvasRenderingContext2D, glyph: string): void {
  const { left, top, width, height, radius } = ENVELOPE;
  pen.fillStyle = COLOURS.body;
  pen.beginPath();
  pen.roundRect(left, top, width, height, radius);
  pen.fill();
  pen.save();
  pen.clip();
  pen.fillStyle = COLOURS.flap;
  pen.beginPath();
  pen.ellipse(WIDTH / 2, top, width * 0.72, SEAL.y - top, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.restore();
  pen.fillStyle = COLOURS.brass;
  pen.beginPath();
  pen.arc(WIDTH / 2, SEAL.y, SEAL.radius, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = COLOURS.sealInk;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = `600 44px ${FONT}`;
  pen.fillText(glyph, WIDTH / 2, SEAL.y + 2, 2 * SEAL.radius - 16);
  pen.textBaseline = "alphabetic";
}

/** In whole pixels, so that no edge is grey. */
function drawCode(pen: CanvasRenderingContext2D, rows: readonly (readonly boolean[])[]): void {
  const module = Math.floor(CODE_SIZE / rows.length);
  const size = module * rows.length;
  const [left, top] = [Math.floor((WIDTH - size) / 2), 620];
  pen.fillStyle = "#ffffff";
  pen.beginPath();
  pen.roundRect(left, top, size, size, 24);
  pen.fill();
  pen.fillStyle = COLOURS.ink;
  rows.forEach((row, y) =>
    row.forEach((isDark, x) => {
      if (isDark) pen.fillRect(left + x * module, top + y * module, module, module);
    }),
  );
}
