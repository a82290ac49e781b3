import { Writer } from "../bytes/writer.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { taggedHashes } from "../crypto/tagged-hash.ts";
import { hash, type Hash } from "../values/hash.ts";
import { CORE_SIZE, OUTPUT_HASH_TAG, outputHash, writeOutputCore, type OutputCore } from "./output.ts";

const DIGEST_SIZE = 64;

/** {@link outputHash} of many outputs, in their order, which a kernel hashes several at a time: a block is checked so. */
export function outputHashes(curve: Pick<CurveBackend, "sha512Batch">, cores: readonly OutputCore[]): readonly Hash[] {
  const hashes = new Array<Hash>(cores.length);
  // Cores of a type have one size, but those of packets, of which there are few.
  const byType = new Map<keyof typeof CORE_SIZE, number[]>();
  for (const [index, core] of cores.entries()) {
    if (core.type === "packet") {
      hashes[index] = outputHash(core);
      continue;
    }
    const same = byType.get(core.type);
    if (same === undefined) byType.set(core.type, [index]);
    else same.push(index);
  }
  for (const [type, same] of byType) {
    const writer = new Writer(CORE_SIZE[type] * same.length);
    for (const index of same) writeOutputCore(writer, cores[index]!);
    const digests = taggedHashes(curve, OUTPUT_HASH_TAG, same.length, writer.finish());
    for (const [place, index] of same.entries()) {
      hashes[index] = hash(digests.slice(DIGEST_SIZE * place, DIGEST_SIZE * place + 32));
    }
  }
  return hashes;
}
