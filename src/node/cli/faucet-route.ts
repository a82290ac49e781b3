import { readBody, sendJson, sendRefusal } from "../rpc/http-answer.ts";
import type { HttpRoute } from "../rpc/http-server.ts";
import type { Faucet, FaucetAnswer } from "./faucet.ts";

const BODY_BYTES_MAX = 4_096;

const REFUSALS: Readonly<
  Record<Extract<FaucetAnswer, { readonly ok: false }>["code"], readonly [status: number, message: string]>
> = {
  address_invalid: [400, "that is no address of this network"],
  too_soon: [429, "one payment in ten seconds for each address"],
  busy: [503, "too many requests, or no block for a while"],
  empty: [503, "the faucet has run dry"],
  refused: [502, "the node has refused the payment"],
};

/** `POST /faucet {address}`: `{txid}`, or `{error: {code, message}}`. */
export function faucetRoute(faucet: Faucet): HttpRoute {
  return {
    method: "POST",
    async handle(request, response) {
      const body = await readBody(request, BODY_BYTES_MAX);
      if (body === undefined) {
        sendRefusal(response, 413, "body_too_large", `a request has at most ${BODY_BYTES_MAX} bytes`);
        return;
      }
      const address = addressOf(body);
      if (address === undefined) {
        sendRefusal(response, 400, "invalid_request", "the body is an object with an address");
        return;
      }
      const answer = await faucet.request(address);
      if (answer.ok) sendJson(response, 200, { txid: answer.txid });
      else sendRefusal(response, REFUSALS[answer.code][0], answer.code, REFUSALS[answer.code][1]);
    },
  };
}

function addressOf(body: Uint8Array): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || !("address" in parsed)) return undefined;
  return typeof parsed.address === "string" ? parsed.address : undefined;
}
