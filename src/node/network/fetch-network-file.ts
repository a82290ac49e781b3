import { NETWORK_FILE_BYTES_MAX } from "../../engine/services/network-file.ts";
import { readText } from "./read-text.ts";

const FETCH_MS = 10_000;

/** The text of a network file; undefined when it cannot be had, is no UTF-8 or longer than any network's. */
export async function fetchNetworkFile(url: URL): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(FETCH_MS) });
    return answer.ok ? await readText(answer, NETWORK_FILE_BYTES_MAX) : undefined;
  } catch {
    return undefined;
  }
}
