import type { ByteScan } from "./byte-scan.ts";

const CONTAINERS = ["moov", "trak", "mdia", "minf"];
/** User data, metadata, boxes of programs, and free room, which may hold what was there before. */
const BLANKED = ["udta", "meta", "uuid", "free", "skip"];
/** Boxes that begin with when the film was made and changed. */
const DATED = ["mvhd", "tkhd", "mdhd"];
const FREE = Uint8Array.from("free", (sign) => sign.charCodeAt(0));
const TYPE_AT = 4;
/** Of hdlr: what stands behind it is the name that a program gives it. */
const HANDLER_HEAD_SIZE = 24;

/** Free room in the place of what players need not read (ISO/IEC 14496-12), zeros in the place of times and names. */
export function blankMp4(scan: ByteScan, out: Uint8Array): void {
  while (scan.remaining > 0) {
    const at = scan.place;
    const stated = scan.u32be();
    const type = scan.text(4);
    const size = stated === 1 ? scan.uint(8) - 16 : stated - 8;
    const body = scan.within(stated === 0 ? scan.remaining : size);
    const [start, end] = [body.place, body.place + body.remaining];
    if (CONTAINERS.includes(type)) blankMp4(body, out);
    else if (DATED.includes(type)) out.fill(0, start + 4, start + 4 + (body.u8() === 1 ? 16 : 8));
    else if (type === "hdlr") out.fill(0, Math.min(start + HANDLER_HEAD_SIZE, end), end);
    else if (BLANKED.includes(type)) {
      out.set(FREE, at + TYPE_AT);
      out.fill(0, start, end);
    }
  }
}
