import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { importsOf, listFiles, readText, ROOT } from "./source-files.ts";

interface Layer {
  /** Folders it may import from besides its own; a folder inside core narrows what the reference allows. */
  readonly imports: readonly string[];
  readonly lib: readonly string[];
  readonly types: readonly string[];
  /** Third-party packages it may import; a trailing `*` stands for the rest of the name. */
  readonly packages: readonly string[];
}

const EVERYTHING = ["*"];

// architecture.md §1, once, as data. The `references` of each layer's tsconfig.json must say the same.
const LAYERS: Readonly<Record<string, Layer>> = {
  "src/core": { imports: [], lib: ["ES2023"], types: [], packages: ["@noble/*", "@scure/*"] },
  "src/wire": { imports: ["src/core"], lib: ["ES2023"], types: [], packages: [] },
  "src/engine": { imports: ["src/core", "src/wire", "src/api"], lib: ["ES2023"], types: [], packages: [] },
  "src/api": { imports: ["src/core/values"], lib: ["ES2023"], types: [], packages: [] },
  "src/net": { imports: ["src/core", "src/wire"], lib: ["ES2023", "WebWorker"], types: [], packages: EVERYTHING },
  "src/client": {
    imports: ["src/core", "src/wire", "src/engine", "src/api", "src/net"],
    lib: ["ES2023", "WebWorker"],
    types: [],
    packages: EVERYTHING,
  },
  "src/node": {
    imports: ["src/core", "src/wire", "src/engine", "src/api", "src/net"],
    lib: ["ES2023"],
    types: ["node"],
    packages: EVERYTHING,
  },
  "src/app": {
    imports: ["src/api", "src/core/values"],
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    types: ["svelte", "vite/client"],
    packages: EVERYTHING,
  },
  workers: {
    imports: ["src/client", "src/api", "src/core"],
    lib: ["ES2023", "WebWorker"],
    types: [],
    packages: EVERYTHING,
  },
};

/** A file of a layer that works in the page: compiled for pages, apart from the rest, and reached by one file of the app. */
interface PagePart {
  readonly file: string;
  readonly user: string;
  readonly project: string;
}

const PAGE_PARTS: Readonly<Record<string, PagePart>> = {
  // The page owns the RTCPeerConnections of the client worker.
  "src/net": {
    file: "src/net/rtc-bridge-page.ts",
    user: "src/app/client/connect.ts",
    project: "src/net/tsconfig.page.json",
  },
  // What was last shown is shown again before there is a worker to ask.
  "src/client": {
    file: "src/client/storage/read-shown.ts",
    user: "src/app/start-app.ts",
    project: "src/client/tsconfig.page.json",
  },
};
const PAGE_PROJECTS = Object.values(PAGE_PARTS).map(({ project }) => project);

// A folder may import those of lower rank. Folders that share a rank know nothing of each other.
const CORE_RANKS: Readonly<Record<string, number>> = {
  bytes: 0,
  values: 1,
  crypto: 2,
  params: 3,
  chain: 4,
  blob: 4,
  media: 4,
  state: 5,
  consensus: 6,
  mempool: 6,
  sync: 6,
  "red-packet": 6,
  wallet: 7,
  mixing: 8,
  chat: 8,
  swap: 8,
  machines: 9,
};

const CURVE_FOLDERS = ["src/core/crypto/", "src/core/values/"];

interface Project {
  readonly compilerOptions: { readonly lib?: readonly string[]; readonly types?: readonly string[] };
  readonly references?: readonly { readonly path: string }[];
}

function readProject(path: string): Project {
  return JSON.parse(readText(path)) as Project;
}

/** The folders, or the project files, that a project refers to. */
function referencesOf(path: string): readonly string[] {
  const folder = posix.dirname(path);
  return (readProject(path).references ?? []).map((reference) => posix.join(folder, reference.path)).sort();
}

/** `src/core/values` is a part of what a reference to `src/core` allows. */
function referenced(layer: Layer): readonly string[] {
  return [...new Set(layer.imports.map((folder) => folder.replace(/^(src\/core)\/.*/, "$1")))];
}

function within(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}

function isOurs(path: string): boolean {
  return /^(src|workers|tests|tools)\//.test(path);
}

function filesOf(folder: string): readonly string[] {
  return listFiles(`${folder}/**/*.{ts,svelte}`);
}

function mayImportPackage(layer: Layer, name: string): boolean {
  return layer.packages.some((allowed) =>
    allowed.endsWith("*") ? name.startsWith(allowed.slice(0, -1)) : name === allowed,
  );
}

/** Every import that breaks a rule, as `file imports target`. */
function brokenImports(
  files: readonly string[],
  allowed: (target: string, file: string) => boolean,
): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => !allowed(target, file))
      .map((target) => `${file} imports ${target}`),
  );
}

describe("the compiler's picture", () => {
  it.each(Object.entries(LAYERS))("%s refers to what the table says", (folder, layer) => {
    const expected = folder === "src/app" ? [...referenced(layer), ...PAGE_PROJECTS] : referenced(layer);
    expect(referencesOf(`${folder}/tsconfig.json`)).toEqual([...expected].sort());
  });

  it.each(Object.entries(LAYERS))("%s sees the globals the table says", (folder, layer) => {
    const { lib, types } = readProject(`${folder}/tsconfig.json`).compilerOptions;
    expect(lib).toEqual(layer.lib);
    expect(types).toEqual(layer.types);
  });

  it.each(Object.entries(PAGE_PARTS))("one file of %s sees the page", (layer, { file, project }) => {
    const { include } = JSON.parse(readText(project)) as { include: string[] };
    const { exclude } = JSON.parse(readText(`${layer}/tsconfig.json`)) as { exclude: string[] };
    expect(include).toEqual([posix.relative(layer, file)]);
    expect(exclude).toEqual(include);
  });

  it("the list of layers is complete", () => {
    const listed = referencesOf("tsconfig.json");
    expect(listed).toEqual([...Object.keys(LAYERS), ...PAGE_PROJECTS, "tests", "tools"].sort());
    const folders = new Set(listFiles("src/*/**/*.{ts,svelte}").map((path) => path.split("/").slice(0, 2).join("/")));
    expect([...folders].filter((folder) => !(folder in LAYERS))).toEqual([]);
  });
});

describe("imports", () => {
  it.each(Object.entries(LAYERS))("%s imports only from the layers below it", (folder, layer) => {
    const broken = brokenImports(filesOf(folder), (target, file) => {
      if (!isOurs(target)) return true;
      const part = Object.values(PAGE_PARTS).find((each) => each.file === target);
      if (part !== undefined) return file === part.user || file === part.file;
      return within(folder, target) || layer.imports.some((allowed) => within(allowed, target));
    });
    expect(broken).toEqual([]);
  });

  it.each(Object.entries(LAYERS))("%s imports only the packages it may", (folder, layer) => {
    const broken = brokenImports(filesOf(folder), (target) => isOurs(target) || mayImportPackage(layer, target));
    expect(broken).toEqual([]);
  });

  it("the curve libraries stay in core/crypto and core/values", () => {
    const broken = brokenImports(filesOf("src/core"), (target, file) => {
      return isOurs(target) || CURVE_FOLDERS.some((folder) => file.startsWith(folder));
    });
    expect(broken).toEqual([]);
  });

  it("nothing imports tests or tools", () => {
    const broken = brokenImports(
      [...filesOf("src"), ...filesOf("workers")],
      (target) => !/^(tests|tools)\//.test(target),
    );
    expect(broken).toEqual([]);
  });

  it("every relative import names a file", () => {
    const missing = brokenImports([...filesOf("src"), ...filesOf("workers"), ...filesOf("tests")], (target) => {
      return !isOurs(target) || existsSync(join(ROOT, target.replace(/\?.*$/, "")));
    });
    expect(missing).toEqual([]);
  });
});

describe("inside core", () => {
  const folderOf = (path: string): string => path.split("/")[2] ?? "";

  it("every file is in a folder of the order", () => {
    const astray = filesOf("src/core").filter((path) => folderOf(path) !== "ports" && !(folderOf(path) in CORE_RANKS));
    expect(astray).toEqual([]);
  });

  it("no file imports itself by way of others", () => {
    const files = filesOf("src/core");
    const left = new Map(files.map((path) => [path, importsOf(path).filter((target) => files.includes(target))]));
    // Whoever imports none of those left, or is imported by none, is in no circle.
    for (let before = -1; before !== left.size;) {
      before = left.size;
      const imported = new Set([...left.values()].flat());
      for (const [path, targets] of left) {
        if (!imported.has(path) || !targets.some((target) => left.has(target))) left.delete(path);
      }
    }
    expect([...left.keys()]).toEqual([]);
  });

  it("imports follow the order", () => {
    const rankOf = (path: string): number => CORE_RANKS[folderOf(path)] ?? Infinity;
    const stateRank = CORE_RANKS["state"] ?? Infinity;
    const cryptoRank = CORE_RANKS["crypto"] ?? Infinity;
    const broken = brokenImports(filesOf("src/core"), (target, file) => {
      if (!within("src/core", target) || folderOf(target) === folderOf(file)) return true;
      if (folderOf(file) === "ports") return rankOf(target) <= stateRank;
      // Chance is an argument already where proofs are weighted and nonces drawn; its port names no type of ours.
      if (target === "src/core/ports/random.ts") return rankOf(file) >= cryptoRank;
      if (folderOf(target) === "ports") return rankOf(file) >= stateRank;
      return rankOf(target) < rankOf(file);
    });
    expect(broken).toEqual([]);
  });

  it("ports are types only", () => {
    const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
    const withCode = filesOf("src/core/ports").filter((path) => {
      const { outputText } = ts.transpileModule(readText(path), {
        compilerOptions: { ...options, removeComments: true },
      });
      return outputText.replace(/export\s*\{\s*\};?/g, "").trim() !== "";
    });
    expect(withCode).toEqual([]);
  });
});
