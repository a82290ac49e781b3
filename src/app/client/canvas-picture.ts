/** The colours of paper, lacquer and brass by day: a file has no theme. */
export const PACKET_COLOURS = {
  paper: "#faf6ef",
  ink: "#221d17",
  ink2: "#5f574c",
  body: "#b0271d",
  flap: "#861a13",
  onLacquer: "#fff3dc",
  brass: "#e0b765",
  sealInk: "#3a1108",
};
export const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
/** As greetings are set on packets. */
export const GREETING_FONT = 'ui-serif, "Songti SC", "Noto Serif CJK SC", Georgia, serif';

/** Lines that fit: broken at spaces, and in Han anywhere. */
export function wrapLines(pen: CanvasRenderingContext2D, text: string, width: number): readonly string[] {
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
