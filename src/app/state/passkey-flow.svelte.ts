import type { AddPasskeyResult } from "../../api/lock.ts";
import type { PasskeyFault, Passkeys } from "../client/passkeys.ts";
import type { Session } from "./session.svelte.ts";

export type PasskeyProblem =
  PasskeyFault | Extract<AddPasskeyResult, { readonly ok: false }>["code"] | "passkey_unknown" | "holds_nothing";

/** What the page does with passkeys: add one, open the wallet, bring it back. Their secrets go to the client and nowhere else. */
export class PasskeyFlow {
  isBusy = $state.raw(false);
  problem = $state.raw<PasskeyProblem>();
  readonly #session: Session;
  readonly #passkeys: Passkeys;

  constructor(session: Session, passkeys: Passkeys) {
    this.#session = session;
    this.#passkeys = passkeys;
  }

  get isSupported(): boolean {
    return this.#passkeys.isSupported;
  }

  /**
   * Makes a passkey and has it show its secret: two questions of the browser, three where the secret does not come with
   * the making. Where it can hold the sealed seed, it does. True when it opens the wallet.
   */
  add(name: string, known: readonly Uint8Array[]): Promise<boolean> {
    return this.#run(async () => {
      const { safety } = this.#session.client;
      const made = await this.#passkeys.make(name, known);
      if (!made.ok) return made.code;
      const { credentialId, canHold } = made;
      const sealFor = (prf: Uint8Array): Promise<Uint8Array | undefined> =>
        canHold ? safety.sealForPasskey(prf) : Promise.resolve(undefined);
      let asked = await this.#passkeys.ask([credentialId], made.prf && (await sealFor(made.prf)));
      if (!asked.ok) return asked.code;
      if (canHold && made.prf === undefined) {
        // Without the last answer it opens this device all the same.
        const stored = await this.#passkeys.ask([credentialId], await sealFor(asked.prf));
        if (stored.ok) asked = stored;
      }
      const added = await safety.addPasskey({ credentialId, prf: asked.prf, holdsSeed: asked.isStored });
      return added.ok ? undefined : added.code;
    });
  }

  /** One question. What comes of it is the session's `phase`. */
  unlock(known: readonly Uint8Array[]): Promise<boolean> {
    return this.#run(async () => {
      const asked = await this.#passkeys.ask(known);
      if (!asked.ok) return asked.code;
      await this.#session.unlock({ type: "passkey", credentialId: asked.credentialId, prf: asked.prf });
      return undefined;
    });
  }

  /** One question, in a browser that has nothing. True when the wallet is back. */
  restore(
    submit: (backup: { credentialId: Uint8Array; prf: Uint8Array; blob: Uint8Array }) => Promise<boolean>,
  ): Promise<boolean> {
    return this.#run(async () => {
      const asked = await this.#passkeys.ask([]);
      if (!asked.ok) return asked.code;
      const { credentialId, prf, blob } = asked;
      if (blob === undefined) return "holds_nothing";
      return (await submit({ credentialId, prf, blob })) ? undefined : "failed";
    });
  }

  remove(credentialId: Uint8Array): Promise<boolean> {
    return this.#run(async () => {
      const removed = await this.#session.client.safety.removePasskey(credentialId);
      return removed.ok ? undefined : removed.code;
    });
  }

  async #run(work: () => Promise<PasskeyProblem | undefined>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = undefined;
    try {
      this.problem = await work();
    } catch {
      this.problem = "failed";
    } finally {
      this.isBusy = false;
    }
    return this.problem === undefined;
  }
}
