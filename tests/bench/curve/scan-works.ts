import sodium from "libsodium-wrappers-sumo";
import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import type { KernelSource } from "../../../src/core/crypto/backend/open-backend.ts";
import { scanTags, tagCount } from "../../../src/core/wallet/scan-tags.ts";
import { seededRandom } from "../../support/test-random.ts";
import type { Work } from "../support/work.ts";
import { fastestOf, openCurves } from "./open-curves.ts";
import { rangeJob, scanningKeys } from "./tag-job.ts";

const POINTS = 1_024;
/** Of those whose one go would take too long otherwise. */
const POINTS_OF_SLOW = 64;
/** So many promises, as a page that wants speed would have them. */
const IN_FLIGHT = 64;

/** Key agreements of one scalar with many points, by all who offer them, and the scan of ranges by the fastest of ours. */
export async function openScanWorks(source: KernelSource): Promise<ReadonlyMap<string, Work>> {
  const random = seededRandom("bench scan");
  const scalar = random.bytes(32);
  const points = Uint8Array.from(random.bytes(32 * POINTS), (byte, index) => (index % 32 === 31 ? byte & 0x7f : byte));
  const right = createNobleBackend().x25519Batch(scalar, points.subarray(0, 32 * POINTS_OF_SLOW));
  const works = new Map<string, Work>();

  const curves = await openCurves(source);
  for (const [name, curve] of curves) works.set(`x25519 ${name}`, batchWork(curve, scalar, points, name === "noble"));
  await sodium.ready;
  requireSame("libsodium", sodium.crypto_scalarmult(scalar, pointOf(points, 0)), right);
  works.set("x25519 libsodium", {
    units: POINTS_OF_SLOW,
    go() {
      for (let index = 0; index < POINTS_OF_SLOW; index++) sodium.crypto_scalarmult(scalar, pointOf(points, index));
    },
  });
  const webCrypto = await openWebCrypto(scalar, points, right);
  if (webCrypto !== undefined) works.set("x25519 webcrypto", webCrypto);

  const keys = scanningKeys();
  const job = rangeJob(1);
  const fastest = fastestOf(curves);
  works.set("pipeline", { units: tagCount(job), go: () => void scanTags(fastest, keys, job) });
  return works;

  function batchWork(curve: CurveBackend, key: Uint8Array, all: Uint8Array, isSlow: boolean): Work {
    const own = isSlow ? all.subarray(0, 32 * POINTS_OF_SLOW) : all;
    requireSame(curve.name, curve.x25519Batch(key, own), right);
    return { units: own.length / 32, go: () => void curve.x25519Batch(key, own) };
  }
}

const pointOf = (points: Uint8Array, index: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(points.slice(32 * index, 32 * index + 32));

/** Speed alone is no result. */
function requireSame(name: string, products: Uint8Array, right: Uint8Array): void {
  const length = Math.min(products.length, right.length);
  if (!equalBytes(products.subarray(0, length), right.subarray(0, length))) throw new Error(`${name} is wrong`);
}

/** WebCrypto takes keys as objects: they are made before, as the batch's own bytes are. */
async function openWebCrypto(scalar: Uint8Array, points: Uint8Array, right: Uint8Array): Promise<Work | undefined> {
  const { subtle } = crypto;
  try {
    // RFC 8410: the one form in which a private key of 32 bytes comes in.
    const wrapped = Uint8Array.from([...PKCS8_HEAD, ...scalar]);
    const key = await subtle.importKey("pkcs8", wrapped, "X25519", false, ["deriveBits"]);
    const publics = await Promise.all(
      Array.from({ length: IN_FLIGHT }, (_, index) =>
        subtle.importKey("raw", pointOf(points, index), "X25519", false, []),
      ),
    );
    const derive = (): Promise<ArrayBuffer[]> =>
      Promise.all(publics.map((each) => subtle.deriveBits({ name: "X25519", public: each }, key, 256)));
    requireSame("WebCrypto", new Uint8Array((await derive())[0]!), right);
    return { units: IN_FLIGHT, go: derive };
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];
