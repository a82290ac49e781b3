import { numbersOf } from "./seeded-numbers.ts";

/** Side of the square that a cut is drawn in; the paper is folded along its middle, from top to bottom. */
export const CUT_SIZE = 64;
const FOLD = CUT_SIZE / 2;
/** Colours to draw in, each of two tones: the styles of Avatar.svelte. */
export const CUT_TONES = 4;
/** Points of the outline on either side, the two on the fold included. */
const OUTLINE_POINTS = 9;
/** Least and greatest distance from the middle, of petals and of the notches between them. */
const [PETAL, NOTCH] = [
  [25, 30],
  [18, 24],
] as const;

type Point = readonly [x: number, y: number];

/** A picture of a key: one path in the second tone, its cuts by the even-odd rule, over a ground in the first. */
export interface PaperCut {
  readonly tone: number;
  readonly path: string;
}

const mirrored = ([x, y]: Point): Point => [CUT_SIZE - x, y];
const write = ([x, y]: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
const between = ([ax, ay]: Point, [bx, by]: Point): Point => [(ax + bx) / 2, (ay + by) / 2];

/** A closed line through the points, sharp or round. */
function line(points: readonly Point[], isRound: boolean): string {
  if (!isRound) return `M${points.map(write).join("L")}Z`;
  const after = (index: number): Point => points[(index + 1) % points.length]!;
  const start = between(points[0]!, after(0));
  const curves = points.map((_, index) => `Q${write(after(index))} ${write(between(after(index), after(index + 1)))}`);
  return `M${write(start)}${curves.join("")}Z`;
}

/** What is cut out on one side of the fold is cut out on the other. */
const onBothSides = (half: readonly Point[]): readonly Point[] => [
  ...half,
  ...half.slice(1, -1).map(mirrored).reverse(),
];

/** Draws the folded paper-cut of a key: the same text gives the same picture, on every device, for ever. */
export function paperCut(key: string): PaperCut {
  const draw = numbersOf(key);
  const tone = draw(0, CUT_TONES - 1);
  const isRound = draw(0, 1) === 1;
  const outline = Array.from({ length: OUTLINE_POINTS }, (_, index): Point => {
    const angle = (Math.PI * index) / (OUTLINE_POINTS - 1);
    const [least, most] = index % 2 === 0 ? PETAL : NOTCH;
    const radius = draw(least, most);
    const isOnFold = index === 0 || index === OUTLINE_POINTS - 1;
    return [isOnFold ? FOLD : FOLD + radius * Math.sin(angle), FOLD - radius * Math.cos(angle)];
  });
  const parts = [line(onBothSides(outline), isRound)];
  // Along the fold: three cuts that open into whole shapes.
  for (const y of [19, 32, 45]) {
    const [half, height] = [draw(2, 6), draw(3, 6)];
    const shape: readonly Point[] = [
      [FOLD, y - height],
      [FOLD + half, y + draw(-2, 2)],
      [FOLD, y + height],
    ];
    if (draw(0, 4) > 0) parts.push(line(onBothSides(shape), draw(0, 1) === 1));
  }
  // Through both layers: leaves that appear twice.
  for (const y of [24, 38]) {
    const [x, dx, dy, width] = [FOLD + draw(9, 12), draw(3, 6), draw(-4, 4), draw(2, 3)];
    const leaf: readonly Point[] = [
      [x - dx / 2, y + dy],
      [x, y - width],
      [x + dx / 2, y - dy],
      [x, y + width],
    ];
    const isRoundLeaf = draw(0, 1) === 1;
    if (draw(0, 4) > 0) parts.push(line(leaf, isRoundLeaf), line(leaf.map(mirrored), isRoundLeaf));
  }
  return { tone, path: parts.join("") };
}
