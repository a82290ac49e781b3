import { NETWORK_FILE_BYTES_MAX } from "../../engine/services/network-file.ts";

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

async function readText(answer: Response, bytesMax: number): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  if (answer.body === null) return "";
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
