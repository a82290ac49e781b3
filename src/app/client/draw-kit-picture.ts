/** Words on the picture, in the language of whoever makes it. */
export interface KitPictureTexts {
  readonly title: string;
  readonly made: string;
  readonly keep: string;
}

const WIDTH = 720;
const HEIGHT = 900;
const MARGIN = 72;
/** The colours of paper, lacquer and brass by day: a file has no theme. */
const COLOURS = {
  paper: "#faf6ef",
  ink: "#221d17",
  ink2: "#5f574c",
  body: "#b0271d",
  flap: "#861a13",
  brass: "#e0b765",
};
const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

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
  const lines = wrapped(pen, keep, WIDTH - 2 * MARGIN);
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

/** Lines that fit: broken at spaces, and in Han anywhere. */
function wrapped(pen: CanvasRenderingContext2D, text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.match(/\p{Script=Han}[，。；：、）]*|[^\s\p{Script=Han}]+\s*|\s+/gu) ?? []) {
    if (line !== "" && pen.measureText((line + piece).trimEnd()).width > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  return line === "" ? lines : [...lines, line.trimEnd()];
}

/** The picture as PNG. */
export async function pictureBytes(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("no picture");
  return new Uint8Array(await blob.arrayBuffer());
}
