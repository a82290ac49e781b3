import { numbersOf } from "./seeded-numbers.ts";

/** What covers of red packets are printed with. */
export const COVERS = ["clouds", "lattice", "plum", "waves", "scales", "plain"] as const;
export type CoverName = (typeof COVERS)[number];

/** Lines that repeat over the whole body of a packet, in the units of its drawing (100 × 160). */
export interface PacketCover {
  readonly name: CoverName;
  /** Of one piece of the print. */
  readonly width: number;
  readonly height: number;
  /** Where the first piece begins. */
  readonly x: number;
  readonly y: number;
  /** One path, to be stroked; empty for a plain cover. */
  readonly path: string;
}

interface Print {
  readonly width: number;
  readonly height: number;
  readonly path: string;
}

const PRINTS: Readonly<Record<CoverName, Print>> = {
  // A cloud of three curls on its line, and half a line lower the next.
  clouds: {
    width: 28,
    height: 20,
    path: "M1 9a3 3 0 0 1 5-3 4.5 4.5 0 0 1 8.5 0 3 3 0 0 1 4.5 3H1M15 19a3 3 0 0 1 5-3 4 4 0 0 1 7.5 3H15",
  },
  // Windows of a courtyard: squares set into squares.
  lattice: { width: 16, height: 16, path: "M0 0h16v16H0zM4 4h8v8H4zM8 0v4M8 12v4M0 8h4M12 8h4" },
  // Five petals around a heart, and a bud.
  plum: {
    width: 26,
    height: 26,
    path: "M8 3.5a2.6 2.6 0 1 1 .1 0M12 6.5a2.6 2.6 0 1 1 .1 0M10.5 11a2.6 2.6 0 1 1 .1 0M5.5 11a2.6 2.6 0 1 1 .1 0M4 6.5a2.6 2.6 0 1 1 .1 0M20 20a2 2 0 1 1 .1 0M20 24v2",
  },
  // Seas of arcs within arcs, as on blue-and-white ware.
  waves: {
    width: 20,
    height: 10,
    path: "M0 10a10 10 0 0 1 20 0M3.5 10a6.5 6.5 0 0 1 13 0M7 10a3 3 0 0 1 6 0M-10 5a10 10 0 0 1 20 0M10 5a10 10 0 0 1 20 0",
  },
  scales: { width: 14, height: 14, path: "M0 0a7 7 0 0 0 14 0M-7 7a7 7 0 0 0 14 0M7 7a7 7 0 0 0 14 0" },
  plain: { width: 100, height: 160, path: "" },
};

/** The cover of a packet: the same for everybody who sees it, since it follows from what they all know of it. */
export function packetCover(seed: string): PacketCover {
  const next = numbersOf(seed);
  const name = COVERS[next(0, COVERS.length - 1)]!;
  const print = PRINTS[name];
  return { name, ...print, x: next(0, print.width - 1), y: next(0, print.height - 1) };
}
