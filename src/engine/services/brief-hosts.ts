import type { NetworkPort } from "../../core/ports/network-port.ts";
import type { NetworkEdges } from "./network-edges.ts";

interface Loan {
  readonly takeBack: () => void;
  readonly ended: Promise<unknown>;
}

/** Hosts for one errand each, with identities nobody has seen (NW-11). None outlives its errand or its time. */
export class BriefHosts {
  readonly #edges: Pick<NetworkEdges, "openHost" | "timers">;
  readonly #loans = new Set<Loan>();

  constructor(edges: Pick<NetworkEdges, "openHost" | "timers">) {
    this.#edges = edges;
  }

  /**
   * Rejects when the errand fails, does not end in time, or is called off by {@link endAll}. `opened`: a host that was
   * opened for this errand beforehand.
   */
  async lend<Result>(
    chainId: number,
    limitMs: number,
    errand: (host: NetworkPort) => Promise<Result>,
    opened?: Promise<NetworkPort>,
  ): Promise<Result> {
    let takeBack = (): void => undefined;
    const over = new Promise<never>((_resolve, reject) => {
      takeBack = () => reject(new Error("the host was taken back"));
    });
    const callOff = this.#edges.timers.after(limitMs, takeBack);
    const work = this.#work(opened ?? this.#edges.openHost(chainId), over, errand);
    const loan = { takeBack, ended: work.catch(() => undefined) };
    this.#loans.add(loan);
    try {
      return await work;
    } finally {
      callOff();
      this.#loans.delete(loan);
    }
  }

  /** Takes every host back; resolves once they have stopped, but for one that is still being opened: it stops then. */
  async endAll(): Promise<void> {
    const loans = [...this.#loans];
    for (const { takeBack } of loans) takeBack();
    await Promise.all(loans.map(({ ended }) => ended));
  }

  async #work<Result>(
    opening: Promise<NetworkPort>,
    over: Promise<never>,
    errand: (host: NetworkPort) => Promise<Result>,
  ): Promise<Result> {
    let host: NetworkPort;
    try {
      host = await Promise.race([opening, over]);
    } catch (error) {
      // It may still open, with nobody left to use it.
      void opening.then((late) => late.stop()).catch(() => undefined);
      throw error;
    }
    try {
      return await Promise.race([errand(host), over]);
    } finally {
      await host.stop().catch(() => undefined);
    }
  }
}
