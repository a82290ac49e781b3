import { callRpc } from "../../support/devnet.ts";

/** A block as one node knew it, and when it was first known to be final there, on this process's clock. */
export interface SeenBlock {
  readonly height: number;
  readonly seenAt: number;
  readonly txids: readonly string[];
}

interface Notice {
  readonly method?: string;
  readonly params?: { readonly result: { readonly height: number } };
}

/** Hears of every block of a node over its WebSocket; gives how to end, and what was seen by then. */
export function watchBlocks(rpc: string): () => Promise<readonly SeenBlock[]> {
  const socket = new WebSocket(`${rpc.replace("http", "ws")}/rpc`);
  const seen: Promise<SeenBlock>[] = [];
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: { topic: "blocks" } }));
  });
  socket.addEventListener("message", ({ data }) => {
    const seenAt = performance.now();
    const { method, params } = JSON.parse(String(data)) as Notice;
    if (method !== "subscription" || params === undefined) return;
    const { height } = params.result;
    seen.push(
      callRpc<{ txids: readonly string[] }>(rpc, "get_block", { height }).then(({ txids }) => ({
        height,
        seenAt,
        txids,
      })),
    );
  });
  return async () => {
    socket.close();
    return await Promise.all(seen);
  };
}
