// Opens the file store in the folder named by the first argument and writes steps until it is killed; prints each step
// once it is stored. Every seventh step replaces the secrets; the log is written anew by itself every now and then.
import { openFileStore } from "../../src/node/storage/file-client-store.ts";

export const PARTS = ["note/a", "header/a", "payment/a", "wallet"];

export function stepBytes(step: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, step);
  return bytes;
}

export function stepOf(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

const directory = process.argv[2];
if (process.argv[1] === import.meta.filename && directory !== undefined) {
  const store = await openFileStore({ directory, protection: () => Promise.resolve({ type: "none" }) });
  for (let step = stepOf(store.record("wallet")) + 1; ; step++) {
    if (step % 7 === 0) await store.putSecrets(stepBytes(step, 32));
    await store.write({ puts: PARTS.map((key) => ({ key, bytes: stepBytes(step, 6_000) })), deletes: [] });
    process.stdout.write(`${step}\n`);
  }
}
