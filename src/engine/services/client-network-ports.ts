import type { LightClientEvent } from "../../core/machines/light-client-event.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** A light client's events as an edge makes them: the loop adds when. */
export type UntimedEvent = LightClientEvent extends infer Each
  ? Each extends unknown
    ? Omit<Each, "nowMs">
    : never
  : never;

export interface ClientNetworkPorts extends NetworkEdges {
  post(event: UntimedEvent): void;
  /** Resolves once the loop has not too much waiting: what a peer streams must not pile up in memory. */
  room(): Promise<void>;
  /** The same for what waits in mempools: besides, workers must keep up with it. */
  poolRoom(): Promise<void>;
  /** NW-7; undefined without keys. */
  decoySecret(): Hash | undefined;
  /** A network file was read and is in order. Posting it is the caller's business. */
  configured(config: NetworkConfig): void;
}
