import type { ClientApi } from "../../api/client-api.ts";

type Call = (...values: readonly unknown[]) => Promise<unknown>;

/**
 * The same client, whose open calls fail once it is closed. A worker that has ended answers nothing any more, and a
 * screen that waits for it would stay busy for good.
 */
export function callsUntil(client: ClientApi, closed: Promise<never>): ClientApi {
  const area = <Area extends object>(calls: Area): Area => {
    return new Proxy({} as Area, {
      get: (_target, name) => {
        return (...values: readonly unknown[]) =>
          Promise.race([(calls as Readonly<Record<PropertyKey, Call>>)[name]!(...values), closed]);
      },
    });
  };
  return {
    open: (options) => Promise.race([client.open(options), closed]),
    subscribe: (listener) => Promise.race([client.subscribe(listener), closed]),
    accounts: area(client.accounts),
    safety: area(client.safety),
    payments: area(client.payments),
    requests: area(client.requests),
    stakes: area(client.stakes),
    explorer: area(client.explorer),
    packets: area(client.packets),
    proofs: area(client.proofs),
    network: area(client.network),
    views: area(client.views),
    faucet: area(client.faucet),
  };
}
