import { flushCompileCache } from "node:module";
import { sendRefusal } from "../rpc/http-answer.ts";
import { startHttpServer } from "../rpc/http-server.ts";
import { nodeRoutes } from "../rpc/node-routes.ts";
import type { FullNodeOptions } from "../rpc/node-view.ts";
import { openRpcSockets } from "../rpc/rpc-sockets.ts";
import { startFullNode } from "../start-full-node.ts";
import { refusalOfDisk } from "../storage/disk-refusal.ts";
import type { CommandOutput } from "./command.ts";
import { faucetRoute } from "./faucet-route.ts";
import { Faucet } from "./faucet.ts";
import { tellParent, untilStopped } from "./process-life.ts";

/** What a node offers besides taking part. */
export interface NodeService {
  /** Of HTTP on 127.0.0.1; undefined for none. */
  readonly port: number | undefined;
  readonly hasFaucet: boolean;
  readonly isJson: boolean;
  readonly output: CommandOutput;
}

/**
 * Runs a node and answers over HTTP until the process is told to stop or the node fails; then stops what it started.
 * Throws Refusal for what may happen to a disk: a write that failed leaves the end of a file unknown, which only a new
 * start puts right, so whoever supervises the process starts it again.
 */
export async function runNode(options: FullNodeOptions, service: NodeService): Promise<void> {
  try {
    await runUntilTold(options, service);
  } catch (error) {
    throw refusalOfDisk(error);
  }
}

async function runUntilTold(options: FullNodeOptions, service: NodeService): Promise<void> {
  const { output, port } = service;
  const { log } = options;
  const running = await startFullNode(options);
  const { view, curve, kernels } = running;
  const closers: (() => Promise<void>)[] = [() => running.stop()];
  try {
    const routes = nodeRoutes(view, "node", log);
    if (service.hasFaucet) {
      const faucet = await Faucet.open(view, { curve, kernels }, log);
      closers.unshift(() => faucet.close());
      routes.set("/faucet", faucetRoute(faucet));
    }
    let rpc: string | undefined;
    if (port !== undefined) {
      const sockets = openRpcSockets(view, log);
      closers.unshift(() => {
        sockets.stop();
        return Promise.resolve();
      });
      const server = await startHttpServer({
        host: "127.0.0.1",
        port,
        routes,
        upgrades: new Map([["/rpc", sockets.upgrade]] as const),
        fallback: (_request, response) => sendRefusal(response, 404, "not_found", "no such address"),
        log,
      });
      closers.unshift(() => server.stop());
      rpc = `http://127.0.0.1:${server.port}`;
    }
    const addresses = view.addresses();
    tellParent({ type: "listening", rpc, addresses, backend: curve.name });
    const ready = { ready: true, rpc: rpc ?? null, addresses };
    output.out(service.isJson ? JSON.stringify(ready) : `ready ${rpc ?? "without rpc"}`);
    // Node writes it when a process ends by itself: one that is killed would compile everything again at each start.
    flushCompileCache();
    const failure = await Promise.race([running.failed, untilStopped()]);
    if (failure !== undefined) throw failure;
    log("stopping");
  } finally {
    await closeAll(closers);
  }
}

/** One after the other, whether those before could be closed or not; fails as the first of them did. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
