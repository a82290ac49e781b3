import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { NodeConfig } from "../../core/sync/network-config.ts";
import { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { CompactStreams } from "./compact-streams.ts";
import { HeaderRequests } from "./header-requests.ts";
import { parseNetworkFile } from "./network-file.ts";
import { requestPeers } from "./peer-requests.ts";
import { PoolStreams } from "./pool-streams.ts";
import { RestoreRequests } from "./restore-requests.ts";
import { Submissions } from "./submissions.ts";

type NetworkEffect = Exclude<LightClientNetworkEffect, { readonly type: "arm-timer" }>;

/** Performs a light client's network effects over a NetworkPort. All that peers say returns as events. */
export class ClientNetwork {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;
  readonly #headers: HeaderRequests;
  readonly #streams: CompactStreams;
  readonly #pool: PoolStreams;
  readonly #restore: RestoreRequests;
  readonly #submissions: Submissions;

  constructor(ports: ClientNetworkPorts) {
    this.#ports = ports;
    this.#host = new ClientHost(ports);
    this.#headers = new HeaderRequests(ports, this.#host);
    this.#streams = new CompactStreams(ports, this.#host);
    this.#pool = new PoolStreams(ports, this.#host);
    this.#restore = new RestoreRequests(ports, this.#host);
    this.#submissions = new Submissions(ports);
  }

  perform(effect: NetworkEffect): void {
    if (this.#host.isStopped) return;
    switch (effect.type) {
      case "fetch-network":
        return void this.#fetchNetwork();
      case "connect":
        return void this.#host.connect(effect);
      case "disconnect":
        return void this.#host.hangUp(effect.peer);
      case "request-status":
        return void this.#headers.status(effect.peer);
      case "request-peers":
        return void requestPeers(this.#ports, this.#host, effect.peer);
      case "use-network":
        return void this.#host.configure(effect.config);
      case "request-headers":
        return void this.#headers.headers(effect.peer, effect.from, effect.count);
      case "ask-headers":
        return void this.#headers.ask(effect);
      case "open-compact-stream":
        return void this.#streams.open(effect.peer, effect.from, effect.isFull);
      case "close-compact-stream": {
        this.#streams.close(effect.peer);
        return;
      }
      case "pause-compact-stream": {
        this.#streams.pause(effect.peer);
        return;
      }
      case "resume-compact-stream": {
        this.#streams.resume(effect.peer);
        return;
      }
      case "open-pool-stream":
        return void this.#pool.open(effect.peer);
      case "close-pool-stream": {
        this.#pool.close(effect.peer);
        return;
      }
      case "request-ranges":
        return void this.#restore.ranges(effect);
      case "request-buckets":
        return void this.#restore.buckets(effect);
      case "request-newest-buckets":
        return void this.#restore.newestBuckets(effect);
      case "cancel-request": {
        this.#restore.cancel(effect.requestId);
        return;
      }
      case "submit-transaction": {
        const { config } = this.#host;
        if (config !== undefined) void this.#submissions.submit(config.chainId, effect);
        return;
      }
      default:
        effect satisfies never;
    }
  }

  /** Dials nodes in advance for what a person is about to send (NW-3), in the order in which they would be used; resolves once they have answered, or not. */
  async prepareSubmissions(nodes: readonly NodeConfig["addresses"][]): Promise<void> {
    const { config, isStopped } = this.#host;
    if (config !== undefined && !isStopped) await this.#submissions.prepare(config.chainId, nodes);
  }

  async stop(): Promise<void> {
    this.#streams.closeAll();
    this.#pool.close();
    this.#restore.cancelAll();
    await Promise.all([this.#host.stop(), this.#submissions.stop()]);
  }

  async #fetchNetwork(): Promise<void> {
    const text = await this.#ports.fetchNetworkFile().catch(() => undefined);
    const parsed = text === undefined ? undefined : parseNetworkFile(text);
    if (this.#host.isStopped) return;
    if (parsed?.ok !== true) {
      this.#ports.post({ type: "network-missing" });
      return;
    }
    await this.#host.configure(parsed.config);
    this.#ports.configured(parsed.config);
  }
}
