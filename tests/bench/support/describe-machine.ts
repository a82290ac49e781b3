import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { promisify } from "node:util";
import { CHROMIUM } from "../../support/chromium.ts";

/** Where, when and in how long rounds, if there are any, figures were measured, as a sentence without its full stop. */
export async function describeMachine(now: Date, roundSeconds: number | undefined): Promise<string> {
  const [chromium, openssl] = [
    await versionOf(CHROMIUM.executablePath, "--version"),
    await versionOf("openssl", "version"),
  ];
  return [
    now.toISOString().slice(0, 10),
    ...(roundSeconds === undefined ? [] : [`rounds of ${roundSeconds} s`]),
    `${cpus().length} cores of ${cpus()[0]?.model ?? "an unknown kind"}`,
    `Node.js ${process.version.slice(1)}`,
    chromium ?? "no Chromium",
    openssl ?? "no OpenSSL",
    `load ${loadavg()[0]!.toFixed(1)} afterwards`,
  ].join(", ");
}

/** Name and number out of what a program says of itself; undefined if it is not there. */
async function versionOf(program: string, flag: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [flag]);
    return parseVersion(stdout);
  } catch {
    return undefined;
  }
}

/** `Chromium 156.0.8078.79 built on …` and the like, without what follows the number. */
export function parseVersion(text: string): string | undefined {
  return /^\w+ [\d.]+/.exec(text)?.[0];
}
