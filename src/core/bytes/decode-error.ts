/** The one error a decoder may throw (EN-4). Anything else leaving a decoder is a defect of ours. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** A value, or the reason why the bytes are not one. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Runs a decoder at a trust edge and turns its refusal into a value. Every other error passes through: it is a bug. */
export function tryDecode<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): Decoded<T> {
  try {
    return { ok: true, value: decode(bytes) };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, reason: error.message };
    throw error;
  }
}
