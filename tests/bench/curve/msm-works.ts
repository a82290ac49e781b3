import { pippenger } from "@noble/curves/abstract/curve.js";
import { ed25519, ristretto255 } from "@noble/curves/ed25519.js";
import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import type { KernelSource } from "../../../src/core/crypto/backend/open-backend.ts";
import { bigintOf, reduceScalar } from "../../../src/core/crypto/scalar.ts";
import { seededRandom } from "../../support/test-random.ts";
import type { Work } from "../support/work.ts";
import { openCurves } from "./open-curves.ts";

export const MSM_SIZES = [32, 128, 512, 2_048] as const;

/** noble's own sum, on the Edwards points that stand for the ristretto255 elements. */
export const PIPPENGER = "pippenger";

/** Sums of n multiples with public scalars, as `N BACKEND`. Points are decoded before, as those of a batch are. */
export async function openMsmWorks(source: KernelSource): Promise<ReadonlyMap<string, Work>> {
  const random = seededRandom("bench msm");
  const noble = createNobleBackend();
  const most = Math.max(...MSM_SIZES);
  const encodings = noble.ristrettoEncode(
    Array.from({ length: most }, () => noble.ristrettoFromHash(random.bytes(64))),
  );
  const scalars = Array.from({ length: most }, () => reduceScalar(random.bytes(64)));
  const bigints = scalars.map(bigintOf);
  const edwards = Array.from({ length: most }, (_, index) => {
    return ristretto255.Point.fromBytes(encodings.slice(32 * index, 32 * index + 32))["ep"];
  });
  const curves = await openCurves(source);
  const works = new Map<string, Work>();
  for (const size of MSM_SIZES) {
    const [ownEdwards, ownBigints, ownScalars] = [edwards, bigints, scalars].map((list) => list.slice(0, size)) as [
      typeof edwards,
      typeof bigints,
      typeof scalars,
    ];
    const right = new ristretto255.Point(pippenger(ed25519.Point, ownEdwards, ownBigints)).toBytes();
    works.set(`${size} ${PIPPENGER}`, {
      units: size,
      go: () => void pippenger(ed25519.Point, ownEdwards, ownBigints),
    });
    for (const [name, curve] of curves) {
      const points = curve.ristrettoDecode(encodings.subarray(0, 32 * size))!;
      const sum = curve.ristrettoEncode([curve.msm(points, ownScalars)]);
      if (!equalBytes(sum, right)) throw new Error(`${curve.name} is wrong`);
      works.set(`${size} ${name}`, { units: size, go: () => void curve.msm(points, ownScalars) });
    }
  }
  return works;
}
