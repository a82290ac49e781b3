import type { IncomingMessage, ServerResponse } from "node:http";

/** Longest body of a request (interfaces: 1 MiB). */
export const HTTP_BODY_BYTES_MAX = 1_048_576;

/** The body as bytes, or undefined as soon as it is over the limit; the rest is not read. */
export async function readBody(
  request: IncomingMessage,
  bytesMax = HTTP_BODY_BYTES_MAX,
): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Sends a short text of our own. Nothing of it may be stored by anybody on the way. */
export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(value));
}

/** A refusal outside JSON-RPC: a stable code and words for people. */
export function sendRefusal(response: ServerResponse, status: number, code: string, message: string): void {
  // What is left of an over-long body is not worth reading: the connection ends with the answer.
  if (status === 413) response.setHeader("connection", "close");
  sendJson(response, status, { error: { code, message } });
}
