import type { OpenCode } from "../../api/client-api.ts";
import type { StopCode } from "../../api/events.ts";

/** Why the whole app stands still. Each has its own words and its own way on. */
export type Problem = OpenCode | StopCode | "start_failed";
