import { timeMs, type TimeMs } from "../../../core/values/height.ts";
import { UsageError, type Arguments, type OptionSpec } from "../arguments.ts";

/** Options that several wallet commands take. */
export const DATA: OptionSpec = { name: "data", value: "DIR", help: "the folder of the wallet" };
export const NETWORK: OptionSpec = {
  name: "network",
  value: "URL",
  help: "where /network.json is; a new wallet takes its first trusted block from there",
};
export const TIMEOUT: OptionSpec = { name: "timeout", value: "SECONDS", help: "how long to try (60)" };
export const NO_PASSPHRASE: OptionSpec = {
  name: "no-passphrase",
  help: "keep the keys in clear, for development: whoever reads the folder has the coins",
};

const TIMEOUT_S_DEFAULT = 60;
const TIMEOUT_S_MAX = 24 * 60 * 60;
const FILE_NAME = "network.json";

/** When a command that began now has tried long enough, in milliseconds from now. */
export function timeoutMs(args: Arguments): number {
  return 1_000 * (args.whole("timeout", 1, TIMEOUT_S_MAX) ?? TIMEOUT_S_DEFAULT);
}

/** The address of the network file behind `--network`. */
export function networkFileUrl(args: Arguments): URL {
  const text = args.required("network");
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new UsageError("--network takes the address of a site, such as https://example.org");
  }
  if (!url.pathname.endsWith(`/${FILE_NAME}`)) url.pathname = `${url.pathname.replace(/\/$/, "")}/${FILE_NAME}`;
  url.hash = "";
  return url;
}

/** Begin of the day of `--birthday`, in UTC; undefined without one. */
export function birthdayMs(args: Arguments): TimeMs | undefined {
  const text = args.text("birthday");
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isSafeInteger(time) || time < 0) throw new UsageError("--birthday takes a day such as 2026-05-04");
  return timeMs(time);
}
