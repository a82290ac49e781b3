const isSoak = (process.env["SOAK"] ?? "") !== "";

/** How often to repeat: a sample in every run, the full number in a soak. */
export function runs(usual: number, soak: number): number {
  return isSoak ? soak : usual;
}
