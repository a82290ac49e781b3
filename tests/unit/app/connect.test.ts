import { expose } from "comlink";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OpenOptions, OpenResult } from "../../../src/api/client-api.ts";
import { connect, openOptions } from "../../../src/app/client/connect.ts";
import { eventually } from "../../support/eventually.ts";

it("passes on the backend that the address asks for, if it is one", () => {
  expect(openOptions("?backend=noble")).toEqual({ backend: "noble" });
  expect(openOptions("?backend=evil")).toEqual({});
  expect(openOptions("")).toEqual({});
});

describe("a page and its client worker", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

  beforeEach(() => {
    page.visibilityState = "visible";
    vi.stubGlobal("document", page);
    vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw));
    vi.stubGlobal("location", { search: "?backend=scalar" });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** A page whose worker answers so; what the worker was asked and told. */
  function open(opened: OpenResult) {
    const asked: OpenOptions[] = [];
    const heard: boolean[] = [];
    const client = {
      open: (options: OpenOptions) => {
        asked.push(options);
        return opened;
      },
      network: { foreground: (isForeground: boolean) => void heard.push(isForeground) },
    };
    const { port1, port2 } = new MessageChannel();
    expose(client, port2);
    vi.stubGlobal("Worker", function Worker() {
      return Object.assign(port1, { terminate: () => port1.close() });
    });
    return { connection: connect(() => undefined), asked, heard };
  }

  function look(visibilityState: string): void {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event("visibilitychange"));
  }

  const fine: OpenResult = { ok: true, wallet: { exists: false, wordsSeen: false } };

  it("the worker hears what the address asks for, and what a caller does", async () => {
    const { connection, asked } = open(fine);
    await connection.client.open({ discardBroken: true });
    expect(asked).toEqual([{ backend: "scalar", discardBroken: true }]);
    connection.close();
  });

  it("[NW-13] the worker hears whether the page can be seen: once it is open, and whenever that changes", async () => {
    page.visibilityState = "hidden";
    const { connection, heard } = open(fine);
    look("visible");
    look("hidden");
    await connection.client.open();
    look("visible");
    look("hidden");
    await eventually(() => expect(heard).toEqual([false, true, false]));
    connection.close();
  });

  it("what is heavy begins after the first picture: of a visible page the worker hears once that is drawn", async () => {
    let draw: () => void = () => undefined;
    vi.stubGlobal("requestAnimationFrame", (callback: () => void) => void (draw = callback));
    const { connection, heard } = open(fine);
    await connection.client.open();
    // Comes back after all that was sent before it.
    await connection.client.open();
    expect(heard).toEqual([]);
    draw();
    await eventually(() => expect(heard).toContain(true));
    connection.close();
    // A picture may come late: nobody is told any more.
    draw();
    await new Promise((resolve) => setTimeout(resolve));
    expect(heard).toEqual([true]);
  });

  it("a worker that did not open hears nothing of it", async () => {
    const { connection, heard } = open({ ok: false, code: "storage_denied" });
    await connection.client.open();
    look("hidden");
    // Comes back after all that was sent before it.
    await connection.client.open();
    expect(heard).toEqual([]);
    connection.close();
  });

  it("a page that has let go of its worker listens no more", async () => {
    const { connection } = open(fine);
    const added = vi.spyOn(page, "addEventListener");
    const removed = vi.spyOn(page, "removeEventListener");
    await connection.client.open();
    connection.close();
    expect(added.mock.calls).toHaveLength(1);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});
