import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { rateOf, type Candidate, type Rate } from "./rates.ts";

export const OPENSSL = "openssl";

/** Native X25519 by OpenSSL's own benchmark, which counts processor time; not to be had without `openssl` on the path. */
export function opensslCandidate(say: (line: string) => void): Candidate {
  return {
    name: OPENSSL,
    async round(seconds) {
      // Whole seconds are all it knows.
      const options = ["speed", "-mr", "-seconds", String(Math.max(1, Math.round(seconds))), "ecdhx25519"];
      const begunMs = performance.now();
      try {
        const { stderr } = await promisify(execFile)("openssl", options);
        const rate = parseOpensslSpeed(stderr, (performance.now() - begunMs) / 1_000);
        if (rate === undefined) say("openssl speed says something else than expected: no figures beside OpenSSL");
        return rate;
      } catch {
        say("no openssl with X25519 and `speed -seconds` on the path: no figures beside OpenSSL");
        return undefined;
      }
    },
  };
}

/** Of `openssl speed -mr`: `+R7:15140:253:0.67` are operations, bits, and seconds of processor time. */
export function parseOpensslSpeed(output: string, elapsedSeconds: number): Rate | undefined {
  const match = /^\+R\d+:(\d+):253:([\d.]+)$/m.exec(output);
  const [units, cpuSeconds] = [Number(match?.[1]), Number(match?.[2])];
  return units > 0 && cpuSeconds > 0 ? rateOf({ units, seconds: elapsedSeconds }, cpuSeconds) : undefined;
}
