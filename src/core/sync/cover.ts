import { u40 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { COVER_ONE_IN } from "../params/private-fetch.ts";
import type { Hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";

/** Leaves that one hash decides about, two bytes each. */
const GROUP_SIZE = 16;
const DRAW_LIMIT = 2 ** 16 / COVER_ONE_IN;

/**
 * [NW-8] Which of some consecutive leaves are fetched although nothing in them is ours, by the secret behind the
 * wallet's decoys: who has it finds the same ones again, after a restart as after a restore, and nobody else can tell
 * them from hits.
 */
export function coveredLeaves(secret: Hash, firstLeaf: number, count: number): readonly LeafIndex[] {
  const covered: LeafIndex[] = [];
  const end = firstLeaf + count;
  for (let group = Math.floor(firstLeaf / GROUP_SIZE); group * GROUP_SIZE < end; group++) {
    const draws = hash32("stg/cover", secret, u40(group));
    for (let place = 0; place < GROUP_SIZE; place++) {
      const leaf = group * GROUP_SIZE + place;
      const draw = draws[2 * place]! | (draws[2 * place + 1]! << 8);
      if (leaf >= firstLeaf && leaf < end && draw < DRAW_LIMIT) covered.push(leafIndex(leaf));
    }
  }
  return covered;
}
