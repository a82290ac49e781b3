import { FONT, PACKET_COLOURS as COLOURS, wrapLines } from "./canvas-picture.ts";

/** Words on the picture, in the language of whoever makes it. */
export interface KitPictureTexts {
  readonly title: string;
  readonly made: string;
  readonly keep: string;
}

const WIDTH = 720;
const HEIGHT = 900;
const MARGIN = 72;

/** Draws the picture that people know a backup file by: the sealed packet, what it is and when it was made. */
export function drawKitPicture(canvas: HTMLCanvasElement, { title, made, keep }: KitPictureTexts): void {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  pen.fillStyle = COLOURS.paper;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  drawPacket(pen);
  pen.textAlign = "center";
  pen.fillStyle = COLOURS.ink;
  pen.font = `600 44px ${FONT}`;
  pen.fillText(title, WIDTH / 2, 660, WIDTH - 2 * MARGIN);
  pen.fillStyle = COLOURS.ink2;
  pen.font = `28px ${FONT}`;
  pen.fillText(made, WIDTH / 2, 716, WIDTH - 2 * MARGIN);
  const lines = wrapLines(pen, keep, WIDTH - 2 * MARGIN);
  lines.forEach((line, index) => pen.fillText(line, WIDTH / 2, 776 + index * 40));
}

function drawPacket(pen: CanvasRenderingContext2D): void {
  const [width, height, top] = [300, 480, 88];
  const left = (WIDTH - width) / 2;
  pen.fillStyle = COLOURS.body;
  pen.beginPath();
  pen.roundRect(left, top, width, height, 26);
  pen.fill();
  pen.save();
  pen.clip();
  pen.fillStyle = COLOURS.flap;
  pen.beginPath();
  pen.ellipse(WIDTH / 2, top, width * 0.72, 170, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.restore();
  pen.fillStyle = COLOURS.brass;
  pen.beginPath();
  pen.arc(WIDTH / 2, top + 170, 52, 0, 2 * Math.PI);
  pen.fill();
}
