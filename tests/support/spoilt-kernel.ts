import { formatHex } from "../../src/core/bytes/hex.ts";
import type { KernelField } from "../../src/core/crypto/backend/kernel/field-code.ts";
import { RISTRETTO_CONSTANTS } from "../../src/core/crypto/backend/kernel/ristretto-programs.ts";

/** 121665, which every step of a key agreement multiplies with, as the double or the integers that it is in a kernel. */
export const LADDER_CONSTANT: readonly string[] = [
  formatHex(new Uint8Array(Float64Array.of(121_665).buffer)),
  formatHex(new Uint8Array(Int32Array.of(121_665, 121_665, 121_665, 121_665).buffer)),
];
/** 121666, which every step of a secret key agreement multiplies with. */
export const SECRET_LADDER_CONSTANT = formatHex(new Uint8Array(Float64Array.of(121_666).buffer));
/** The first letters of what tags are the hash of, "gat/gts" as a constant of 64 bits has them, in LEB128. */
export const TAGS_CONSTANT = "e7c2d1fbf28cddb908";

/** The lowest 28 bits of ℓ, which all arithmetic modulo ℓ multiplies with, in LEB128. */
export const ORDER_CONSTANT = "eda7d7e700";

/** A limb of √−1, which decoding and the map multiply with, as the double it is in a kernel of this field. */
export function edwardsConstant(field: KernelField): string {
  return formatHex(new Uint8Array(Float64Array.of(field.limbsOf(RISTRETTO_CONSTANTS.i)[1]!).buffer));
}

/** A kernel with one bit of a constant changed, of the first where there are several. */
export function spoiltKernel(module: Uint8Array, constant: string | readonly string[] = LADDER_CONSTANT): Uint8Array {
  const text = formatHex(module);
  const at = [constant]
    .flat()
    .map((each) => text.indexOf(each) / 2)
    .find(Number.isInteger);
  if (at === undefined) throw new RangeError("no such constant");
  const changed = module.slice();
  changed[at + 3]! ^= 1;
  return changed;
}

/** The same of the chunk in which the app brings it, as base64. */
export function spoiltChunk(text: string): string {
  return text.replace(/[A-Za-z0-9+/]{1000,}=*/, (base64) => {
    return Buffer.from(spoiltKernel(Buffer.from(base64, "base64"))).toString("base64");
  });
}
