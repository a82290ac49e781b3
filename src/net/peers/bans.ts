import type { PeerId } from "../../core/ports/network-port.ts";
import { BANNED_NAMES_MAX } from "../../wire/limits.ts";

/** How long a ban lasts (NW-16). */
export const BAN_MS = 10 * 60_000;

/** Who is refused for a while: peers by their identity, and hosts by their address, since an identity costs nothing. */
export class Bans {
  /** Until when, by name; the order of the map is that of the bans. */
  readonly #untilMs = new Map<string, number>();

  ban(name: PeerId, nowMs: number): void {
    this.#untilMs.delete(name);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size >= BANNED_NAMES_MAX && oldest !== undefined) this.#untilMs.delete(oldest);
    this.#untilMs.set(name, nowMs + BAN_MS);
  }

  isBanned(name: PeerId, nowMs: number): boolean {
    const untilMs = this.#untilMs.get(name);
    if (untilMs !== undefined && untilMs <= nowMs) this.#untilMs.delete(name);
    return untilMs !== undefined && untilMs > nowMs;
  }
}
