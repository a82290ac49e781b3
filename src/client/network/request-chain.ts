import type { ChainView } from "../../api/views.ts";
import { CHAIN_ANSWER_BYTES_MAX, CHAIN_METHODS, parseChainAnswer } from "./chain-answer.ts";
import { readText } from "./read-text.ts";

const RPC_URL = "/rpc";
const CHAIN_MS = 10_000;

/** Asks the page's origin how the chain stands; one request that is the same for everybody. */
export async function requestChain(): Promise<ChainView | undefined> {
  const calls = CHAIN_METHODS.map((method, id) => ({ jsonrpc: "2.0", id, method }));
  try {
    const response = await fetch(RPC_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(calls),
      signal: AbortSignal.timeout(CHAIN_MS),
    });
    const text = response.ok ? await readText(response, CHAIN_ANSWER_BYTES_MAX) : undefined;
    return text === undefined ? undefined : parseChainAnswer(text);
  } catch {
    return undefined;
  }
}
