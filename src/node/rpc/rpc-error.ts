/** Codes of JSON-RPC 2.0 and one of ours for a request that is well-formed but refused. */
export const RPC_CODE = {
  parse: -32_700,
  request: -32_600,
  method: -32_601,
  params: -32_602,
  internal: -32_603,
  refused: -32_000,
} as const;

/** An error that the caller gets to see. `reason` is stable; the message is for people. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: { readonly reason: string; readonly rule?: string };

  constructor(code: number, reason: string, message: string, rule?: string) {
    super(message);
    this.code = code;
    this.data = rule === undefined ? { reason } : { reason, rule };
  }
}

export const invalidParams = (message: string): RpcError => new RpcError(RPC_CODE.params, "invalid_params", message);

/** For what is older than what this node keeps (5.5); `from` is the lowest height it has. */
export const noLongerHeld = (what: string, from: number): RpcError =>
  new RpcError(RPC_CODE.refused, "no_longer_held", `this node holds ${what} from height ${from} on`);

/** For a block, boundary, transaction or output this node does not have. */
export const notFound = (what: "block" | "boundary" | "transaction" | "output"): RpcError =>
  new RpcError(RPC_CODE.refused, `${what}_not_found`, `no such ${what}`);
