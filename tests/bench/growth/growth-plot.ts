/** One curve: bytes after so many years. */
export interface Curve {
  readonly label: string;
  readonly color: string;
  /** Years and bytes, ascending. */
  readonly points: readonly (readonly [years: number, bytes: number])[];
}

const [WIDTH, HEIGHT] = [760, 440];
const EDGE = { left: 70, right: 190, top: 40, bottom: 45 };
const POWERS = { from: 7, to: 11 };
const YEARS = 10;

const x = (years: number): number => EDGE.left + (years / YEARS) * (WIDTH - EDGE.left - EDGE.right);
const y = (bytes: number): number => {
  const share = (Math.log10(Math.max(bytes, 10 ** POWERS.from)) - POWERS.from) / (POWERS.to - POWERS.from);
  return HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
};
const place = (value: number): string => value.toFixed(1);
const text = (left: number, top: number, words: string, rest = ""): string =>
  `<text x="${place(left)}" y="${place(top)}" ${rest}>${words}</text>`;

/** Bytes over ten years as SVG, on a logarithmic scale from 10 MB to 100 GB, with the 2 GB a node may hold. */
export function growthPlot(title: string, curves: readonly Curve[], limitBytes: number): string {
  const names = new Map([
    [7, "10 MB"],
    [8, "100 MB"],
    [9, "1 GB"],
    [10, "10 GB"],
    [11, "100 GB"],
  ]);
  const right = WIDTH - EDGE.right;
  const rows = [...names].map(([power, name]) => {
    const at = y(10 ** power);
    return `<path d="M${EDGE.left} ${place(at)}H${right}" stroke="#ddd"/>${text(EDGE.left - 8, at + 4, name, 'text-anchor="end"')}`;
  });
  const columns = [0, 2, 4, 6, 8, 10].map((years) =>
    text(x(years), HEIGHT - EDGE.bottom + 20, `${years} y`, 'text-anchor="middle"'),
  );
  const limit = `<path d="M${EDGE.left} ${place(y(limitBytes))}H${right}" stroke="#c00" stroke-dasharray="6 4"/>`;
  const lines = curves.map(({ color, points }) => {
    const path = points.map(
      ([years, bytes], index) => `${index === 0 ? "M" : "L"}${place(x(years))} ${place(y(bytes))}`,
    );
    return `<path d="${path.join("")}" fill="none" stroke="${color}" stroke-width="2"/>`;
  });
  const legend = curves.map(({ label, color }, index) =>
    text(right + 12, EDGE.top + 14 + 20 * index, label, `fill="${color}"`),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(EDGE.left, 22, title, 'font-size="14"'),
    ...rows,
    ...columns,
    limit,
    text(right + 12, y(limitBytes) + 4, "2 GB", 'fill="#c00"'),
    ...lines,
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}
