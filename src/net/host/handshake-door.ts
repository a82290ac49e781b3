import type { ClearableSignal } from "@libp2p/interface";
import { WEBRTC_PENDING_MAX } from "../../wire/limits.ts";

const REFUSED: ClearableSignal = Object.assign(AbortSignal.abort(), { clear: () => undefined });

/** How long nobody may have knocked before the socket is closed, and how long that is waited for. */
const QUIET_MS = 150;
const QUIET_WAIT_MS_MAX = 500;
const POLL_MS = 10;

/**
 * Who may begin a handshake with a WebRTC listener. One packet of anybody's, with any sender's address on it, makes the
 * library open a peer connection and wait ten seconds: so many wait at once, and a packet above that costs next to
 * nothing.
 */
export class HandshakeDoor {
  #pendingCount = 0;
  #lastKnockMs = -Infinity;
  #isShut = false;

  /** Called for each such packet; `begin` makes the signal that ends the attempt. */
  knock(begin: () => ClearableSignal): ClearableSignal {
    this.#lastKnockMs = performance.now();
    if (this.#isShut || this.#pendingCount >= WEBRTC_PENDING_MAX) return REFUSED;
    this.#pendingCount++;
    const attempt = begin();
    const clear = attempt.clear.bind(attempt);
    let isOver = false;
    return Object.assign(attempt, {
      clear: () => {
        if (!isOver) this.#pendingCount--;
        isOver = true;
        clear();
      },
    });
  }

  /**
   * Lets nobody in any more and waits until nobody tries. False if they go on trying: the native socket must then not be
   * closed, for a packet that arrives in that moment is handed to what is freed already, and the process ends with a
   * signal. It closes with the process.
   */
  async shut(): Promise<boolean> {
    this.#isShut = true;
    const endMs = performance.now() + QUIET_WAIT_MS_MAX;
    while (performance.now() < endMs) {
      if (performance.now() - this.#lastKnockMs >= QUIET_MS) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }
}
