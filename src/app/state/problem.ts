import type { OpenCode } from "../../api/client-api.ts";

/** Why the whole app stands still. Each has its own words and its own way on. */
export type Problem = OpenCode | "moved_to_other_tab" | "storage_failed" | "start_failed";
