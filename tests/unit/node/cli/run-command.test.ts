import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANSWER_BYTES_MAX } from "../../../../src/node/cli/ask-node.ts";
import { startHttpServer } from "../../../../src/node/rpc/http-server.ts";
import { nodeRoutes } from "../../../../src/node/rpc/node-routes.ts";
import { fakeNodeView } from "../../../support/fake-node-view.ts";
import type { Command } from "../../../../src/node/cli/command.ts";
import { runCommand } from "../../../../src/node/cli/run-command.ts";
import { Refusal } from "../../../../src/node/refusal.ts";

const MAIN = fileURLToPath(new URL("../../../../src/node/cli/main.ts", import.meta.url));

const ROOT: Command = {
  name: "tool",
  summary: "A tool.",
  commands: [
    {
      name: "group",
      summary: "Commands.",
      commands: [
        {
          name: "say",
          summary: "Says a word.",
          words: ["WORD"],
          options: [{ name: "loud", help: "louder" }],
          run: (args, output) => {
            if (args.words[0] === "no") return Promise.reject(new Refusal("said_no", "it\nsaid no"));
            if (args.words[0] === "defect") return Promise.reject(new TypeError("a defect"));
            output.out(args.has("loud") ? args.words[0]!.toUpperCase() : args.words[0]!);
            return Promise.resolve();
          },
        },
      ],
    },
  ],
};

async function run(...texts: string[]): Promise<{ code: number; out: string[]; notes: string[] }> {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCommand(ROOT, texts, { out: (line) => out.push(line), note: (line) => notes.push(line) });
  return { code, out, notes };
}

describe("exit codes", () => {
  it("0 when done", async () => {
    expect(await run("group", "say", "yes", "--loud")).toEqual({ code: 0, out: ["YES"], notes: [] });
  });

  it("1 with one line and a stable code when refused", async () => {
    expect(await run("group", "say", "no")).toEqual({
      code: 1,
      out: [],
      notes: ["tool group say: it said no [said_no]"],
    });
    expect((await run("group", "say", "defect")).notes).toEqual(["tool group say: a defect [internal_error]"]);
  });

  it("2 for bad usage", async () => {
    for (const texts of [
      [],
      ["other"],
      ["group"],
      ["group", "other"],
      ["group", "say"],
      ["group", "say", "a", "b"],
      ["--loud"],
    ]) {
      const { code, out, notes } = await run(...texts);
      expect(code, texts.join(" ")).toBe(2);
      expect(out).toEqual([]);
      expect(notes).toHaveLength(1);
    }
  });

  it("0 with the help on every level", async () => {
    for (const texts of [
      ["--help"],
      ["help"],
      ["group", "--help"],
      ["group", "say", "--help"],
      ["group", "say", "x", "--help"],
    ]) {
      const { code, out, notes } = await run(...texts);
      expect(code).toBe(0);
      expect(out[0]).toMatch(/^usage: tool/);
      expect(notes).toEqual([]);
    }
  });
});

describe("stegos", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-cli-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const stegos = (...texts: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, [MAIN, ...texts], { cwd: directory }, (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
      });
    });

  it("[GE-4] refuses main and test, which have not begun", async () => {
    for (const network of ["main", "test"]) {
      const { code, err } = await stegos("node", "--network", network, "--data", "node");
      expect(code).toBe(1);
      expect(err).toMatch(/genesis is not decided yet \[genesis_undecided\]\n$/);
    }
  });

  it("explorer: bad usage is 2, a node that does not answer or refuses is 1", async () => {
    expect((await stegos("explorer", "output", "x")).code).toBe(2);
    expect((await stegos("explorer", "supply", "--rpc", "nowhere")).code).toBe(2);
    const unreachable = await stegos("explorer", "supply", "--rpc", "http://127.0.0.1:1/rpc");
    expect(unreachable).toMatchObject({ code: 1, out: "" });
    expect(unreachable.err).toMatch(/\[node_unreachable\]\n$/);
    const view = await fakeNodeView();
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: nodeRoutes(view, "node", () => undefined),
      fallback: (_request, response) => void response.end(),
      log: () => undefined,
    });
    try {
      const rpc = ["--rpc", `http://127.0.0.1:${server.port}/rpc`];
      const block = await stegos("explorer", "block", "1", "--json", ...rpc);
      expect(JSON.parse(block.out)).toMatchObject({ height: 1 });
      expect(JSON.parse((await stegos("explorer", "award", ...rpc)).out)).toMatchObject({ pot: "7" });
      const missing = await stegos("explorer", "block", "99", ...rpc);
      expect(missing).toMatchObject({ code: 1, out: "" });
      expect(missing.err).toMatch(/\[block_not_found\]\n$/);
    } finally {
      await server.stop();
    }
  });

  it("explorer: a node's words are printed without what a terminal obeys", async () => {
    const evil = "a\u001b[2Jb\u009b2J\u202ec\r";
    const answers = [{ error: { message: evil + "x".repeat(10_000), data: { reason: "gone" } } }, { result: { evil } }];
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: new Map([["/rpc", { method: "POST", handle: (_, to) => void to.end(JSON.stringify(answers.shift())) }]]),
      fallback: (_request, response) => void response.end(),
      log: () => undefined,
    });
    try {
      const rpc = ["--rpc", `http://127.0.0.1:${server.port}/rpc`];
      const refused = await stegos("explorer", "supply", ...rpc);
      expect(refused).toMatchObject({ code: 1, out: "" });
      expect(refused.err).toMatch(/: a\ufffd\[2Jb\ufffd2J\ufffdc x{10,300} \[gone\]\n$/);
      const shown = await stegos("explorer", "supply", ...rpc);
      expect(JSON.parse(shown.out)).toEqual({ evil });
      expect(shown.out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    } finally {
      await server.stop();
    }
  });

  it("ANSWER_BYTES_MAX: explorer reads no more of an answer, and takes none for what is not there", async () => {
    const answers = [JSON.stringify({ result: "x".repeat(ANSWER_BYTES_MAX) }), "null", "{"];
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: new Map([["/rpc", { method: "POST", handle: (_, to) => void to.end(answers.shift()) }]]),
      fallback: (_request, response) => void response.end(),
      log: () => undefined,
    });
    try {
      while (answers.length > 0) {
        const ran = await stegos("explorer", "supply", "--rpc", `http://127.0.0.1:${server.port}/rpc`);
        expect(ran).toMatchObject({ code: 1, out: "" });
        expect(ran.err).toMatch(/\[node_unreachable\]\n$/);
      }
    } finally {
      await server.stop();
    }
  });

  it("makes a key once and never shows its secret", async () => {
    const made = await stegos("key", "new", "--out", "key.json", "--json");
    expect(made.code).toBe(0);
    const { bls_key: blsKey } = JSON.parse(made.out) as { bls_key: string };
    expect(blsKey).toMatch(/^[0-9a-f]{96}$/);
    expect((await stegos("key", "show", "key.json")).out).toBe(`${blsKey}\n`);
    const again = await stegos("key", "new", "--out", "key.json");
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toContain("[file_exists]");
  });
});
