/** A picture as a canvas gives it: four bytes for each pixel, row by row. */
export interface CodeFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** What crosses the port between a page that scans and its worker. */
export interface ScanApi {
  /** The text of a QR code in the picture; undefined: none that can be read. `isHard` takes the slow decoder as well. */
  read(frame: CodeFrame, isHard: boolean): Promise<string | undefined>;
}
