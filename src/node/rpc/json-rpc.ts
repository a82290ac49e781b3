import { RPC_CODE, RpcError } from "./rpc-error.ts";

/** Requests in one batch. */
export const RPC_BATCH_MAX = 20;
/** Longest method name and id looked at. */
const RPC_TEXT_SIZE_MAX = 256;

/** One method: takes `params` as they came, gives plain JSON. */
export type RpcMethod = (params: unknown) => Promise<JsonValue> | JsonValue;
export type RpcMethods = ReadonlyMap<string, RpcMethod>;

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

type RpcId = string | number | null;

/**
 * Answers the text of one JSON-RPC 2.0 request or batch; undefined if it held notifications only. Never throws: what a
 * method throws besides RpcError is reported to `onDefect` and becomes an error without details.
 */
export async function answerJsonRpc(
  methods: RpcMethods,
  text: string,
  onDefect: (method: string, error: unknown) => void,
): Promise<string | undefined> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return encodeAnswer(failure(null, new RpcError(RPC_CODE.parse, "parse_error", "not JSON")));
  }
  if (!Array.isArray(parsed)) {
    const answer = await answerOne(methods, parsed, onDefect);
    return answer === undefined ? undefined : encodeAnswer(answer);
  }
  if (parsed.length === 0) return encodeAnswer(failure(null, invalidRequest("empty batch")));
  if (parsed.length > RPC_BATCH_MAX) {
    const error = new RpcError(RPC_CODE.request, "batch_too_large", `a batch holds at most ${RPC_BATCH_MAX} requests`);
    return encodeAnswer(failure(null, error));
  }
  const answers: JsonValue[] = [];
  for (const request of parsed as unknown[]) {
    const answer = await answerOne(methods, request, onDefect);
    if (answer !== undefined) answers.push(answer);
  }
  return answers.length === 0 ? undefined : encodeAnswer(answers);
}

/** A whole answer with one error, for trouble before there is a request: over-long bodies and the like. */
export function errorAnswer(error: RpcError): string {
  return encodeAnswer(failure(null, error));
}

async function answerOne(
  methods: RpcMethods,
  request: unknown,
  onDefect: (method: string, error: unknown) => void,
): Promise<JsonValue | undefined> {
  const fields = fieldsOf(request);
  const id = fields === undefined ? null : idOf(fields);
  if (fields === undefined || id === undefined) return failure(null, invalidRequest("not a request"));
  const method = fields.get("method");
  if (fields.get("jsonrpc") !== "2.0" || typeof method !== "string" || method.length > RPC_TEXT_SIZE_MAX) {
    return failure(id, invalidRequest("not a JSON-RPC 2.0 request"));
  }
  const isNotification = !fields.has("id");
  const call = methods.get(method);
  if (call === undefined) {
    return isNotification
      ? undefined
      : failure(id, new RpcError(RPC_CODE.method, "method_not_found", "unknown method"));
  }
  try {
    const result = await call(fields.get("params"));
    return isNotification ? undefined : { jsonrpc: "2.0", id, result };
  } catch (error) {
    if (!(error instanceof RpcError)) onDefect(method, error);
    const shown =
      error instanceof RpcError ? error : new RpcError(RPC_CODE.internal, "internal_error", "internal error");
    return isNotification ? undefined : failure(id, shown);
  }
}

function fieldsOf(request: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return undefined;
  return new Map(Object.entries(request));
}

/** The id to answer with, null where there is none, undefined if it is of no allowed kind. */
function idOf(fields: ReadonlyMap<string, unknown>): RpcId | undefined {
  const id = fields.get("id");
  if (id === undefined || id === null) return null;
  if (typeof id === "number") return id;
  return typeof id === "string" && id.length <= RPC_TEXT_SIZE_MAX ? id : undefined;
}

function invalidRequest(message: string): RpcError {
  return new RpcError(RPC_CODE.request, "invalid_request", message);
}

function failure(id: RpcId, error: RpcError): JsonValue {
  return { jsonrpc: "2.0", id, error: { code: error.code, message: error.message, data: { ...error.data } } };
}

function encodeAnswer(answer: JsonValue): string {
  return JSON.stringify(answer);
}
