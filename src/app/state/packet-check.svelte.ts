import type { ClientApi } from "../../api/client-api.ts";
import type { PacketCheckCode, PacketCheckProgress, PacketCheckView } from "../../api/packet-check.ts";
import type { Session } from "./session.svelte.ts";

/** The calls that it makes. */
export type PacketCheckCalls = Pick<ClientApi["packets"], "check" | "checking">;

const PROGRESS_MS = 300;

/** Those of the client that the session has when they are made. */
export function checkCallsOf(session: Pick<Session, "client">): PacketCheckCalls {
  return {
    check: async (id) => session.client.packets.check(id),
    checking: async () => session.client.packets.checking(),
  };
}

/** A recheck of how one packet was shared out, for whoever shows that packet: it asks nothing before it is started. */
export class PacketCheckState {
  isChecking = $state.raw(false);
  progress = $state.raw<PacketCheckProgress>();
  view = $state.raw<PacketCheckView>();
  /** `failed`: also where the client did not answer. */
  problem = $state.raw<PacketCheckCode>();
  readonly #calls: () => PacketCheckCalls;

  constructor(calls: () => PacketCheckCalls) {
    this.#calls = calls;
  }

  /** `id`: of `claims` or of `made`. */
  async check(id: string): Promise<void> {
    if (this.isChecking) return;
    this.isChecking = true;
    this.problem = undefined;
    const calls = this.#calls();
    const look = async (): Promise<void> => {
      const progress = await calls.checking().catch(() => undefined);
      if (this.isChecking) this.progress = progress;
    };
    const timer = setInterval(() => void look(), PROGRESS_MS);
    const result = await calls.check(id).catch(() => undefined);
    clearInterval(timer);
    this.isChecking = false;
    this.progress = undefined;
    this.view = result?.ok === true ? result.view : undefined;
    if (result?.ok !== true) this.problem = result?.code ?? "failed";
  }
}
