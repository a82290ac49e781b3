import { describe, expect, it } from "vitest";
import { routeOf, ROUTES } from "../../src/app/state/routes.ts";
import { type AppVisitor, withVisitor } from "../support/app-visitor.ts";
import { SCREEN_STATES } from "../support/screen-states/all-states.ts";
import { scanState, type Scan } from "../support/screen-states/scan-state.ts";

const SCANS_MIN = 300;

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

describe("for everybody", () => {
  const scans: Scan[] = [];

  it.each(SCREEN_STATES)("$name passes axe", async (state) => {
    await scanState(visitor, state, (scan) => {
      scans.push(scan);
      expect(scan).toEqual({ ...scan, violations: [] });
    });
  });

  it("has states for every route", () => {
    const routes = SCREEN_STATES.map(({ path }) => routeOf(path.replace(/#.*$/, "")));
    expect(ROUTES.filter((route) => !routes.includes(route))).toEqual([]);
  });

  it("has been scanned in both languages and both themes, often enough", () => {
    expect(scans.length).toBeGreaterThanOrEqual(SCANS_MIN);
    expect(new Set(scans.map(({ state, lang, colorScheme }) => `${state} ${lang} ${colorScheme}`)).size).toBe(
      scans.length,
    );
  });
});
