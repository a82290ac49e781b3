import type { Migration } from "./migration.ts";

/** Two stores with keys of their own: single values, and packed records by [kind, row]. */
export const first: Migration = (database) => {
  database.createObjectStore("meta");
  database.createObjectStore("records");
};
