import type { Draft } from "./update.svelte.ts";

/** The texts of one form, by the names of its fields. */
type Texts = Record<string, string>;

/**
 * What is half typed into forms that end when somebody leaves their screen. It outlives a change of the tab, a closed
 * sheet and an update, in memory alone, and never holds words or keys that open anything.
 */
export class Drafts {
  readonly stake = $state({ validatorKey: "", acceptance: "", amount: "" });
  /** `expiry`: empty where nobody has chosen another than the usual one. */
  readonly request = $state({ amount: "", note: "", reference: "", expiry: "" });
  /** Empty where nobody has chosen another than what is usual. A password is in no draft. */
  readonly packet = $state({ kind: "", total: "", count: "", expiry: "", greeting: "", chance: "" });
  readonly checkpoint = $state({ text: "" });
  /** `kind`: empty where everything is to be shown. */
  readonly history = $state({ text: "", kind: "" });

  readonly #forms: Readonly<Record<string, Texts>> = {
    stake: this.stake,
    request: this.request,
    packet: this.packet,
    checkpoint: this.checkpoint,
    history: this.history,
  };

  /** For the page after this one. */
  get texts(): Draft {
    return Object.fromEntries(this.#fields().map(({ name, form, field }) => [name, form[field] ?? ""]));
  }

  /** Goes on with what a page before this one gave away; what it does not name is empty. */
  take(draft: Draft): void {
    for (const { name, form, field } of this.#fields()) form[field] = draft[name] ?? "";
  }

  clear(): void {
    this.take({});
  }

  #fields(): readonly { readonly name: string; readonly form: Texts; readonly field: string }[] {
    return Object.entries(this.#forms).flatMap(([name, form]) => {
      return Object.keys(form).map((field) => ({ name: `${name}.${field}`, form, field }));
    });
  }
}

/** Whether anything was typed. */
export function isBegun(form: Readonly<Texts>): boolean {
  return Object.values(form).some((text) => text !== "");
}
