import type { FaucetResult } from "../../api/client-api.ts";

const FAUCET_URL = "/faucet";
const FAUCET_MS = 30_000;
const CODE_OF_STATUS: Readonly<Record<number, Extract<FaucetResult, { ok: false }>["code"]>> = {
  404: "not_a_dev_network",
  429: "too_soon",
};

/** Asks the page's origin for test coins. */
export async function requestFaucet(address: string): Promise<FaucetResult> {
  try {
    const response = await fetch(FAUCET_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address }),
      signal: AbortSignal.timeout(FAUCET_MS),
    });
    await response.body?.cancel();
    return response.ok ? { ok: true } : { ok: false, code: CODE_OF_STATUS[response.status] ?? "refused" };
  } catch {
    return { ok: false, code: "unreachable" };
  }
}
