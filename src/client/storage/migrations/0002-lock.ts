import type { Migration } from "./migration.ts";

/** No store changes. An app that knows no locks must not take a locked wallet for a broken one: it is too old now. */
export const lock: Migration = () => undefined;
