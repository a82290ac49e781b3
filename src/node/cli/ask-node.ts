import { readText } from "../network/read-text.ts";
import { Refusal } from "../refusal.ts";
import { UsageError, type Arguments, type OptionSpec } from "./arguments.ts";

const RPC_DEFAULT = "http://127.0.0.1:8080/rpc";
const TIMEOUT_MS = 15_000;
/** More than a node has to say of anything. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** A node's own words on why it refuses are cut here. */
const MESSAGE_LENGTH_MAX = 256;

/** Of every command that asks a node. */
export const RPC_OPTION: OptionSpec = { name: "rpc", value: "URL", help: `the node to ask; default ${RPC_DEFAULT}` };

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message?: unknown; readonly data?: { readonly reason?: unknown } };
}

/** What a node's JSON-RPC answers; refuses with the node's own reason, or with `node_unreachable`. */
export async function askNode(args: Arguments, method: string, params: Record<string, unknown>): Promise<unknown> {
  const url = args.text("rpc") ?? RPC_DEFAULT;
  if (!URL.canParse(url)) throw new UsageError("--rpc must be a URL");
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  let answer: RpcAnswer;
  try {
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const parsed = JSON.parse((await readText(response, ANSWER_BYTES_MAX)) ?? "") as RpcAnswer | null;
    if (parsed === null) throw new Error("no answer");
    answer = parsed;
  } catch {
    throw new Refusal("node_unreachable", `no node answers at ${url}`);
  }
  if (answer.error === undefined) return answer.result;
  const { reason } = answer.error.data ?? {};
  const message =
    typeof answer.error.message === "string" ? answer.error.message.slice(0, MESSAGE_LENGTH_MAX) : "the node refused";
  throw new Refusal(typeof reason === "string" && /^[a-z_]{1,64}$/.test(reason) ? reason : "refused", message);
}
