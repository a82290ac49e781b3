import svelte from "eslint-plugin-svelte";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const CLOCK_AND_CHANCE = "time and chance come in as arguments or events (Clock and Random in core/ports)";

const noDefaultExport = {
  selector: "ExportDefaultDeclaration",
  message: "export by name: a file's main export carries the file's name",
};

const noEnum = {
  selector: "TSEnumDeclaration",
  message: "use a union of literals: our code runs with its types stripped",
};

const noNamespace = {
  selector: "TSModuleDeclaration[kind!='global']:not([declare=true])",
  message: "use a module: our code runs with its types stripped",
};

const newDate = {
  selector: "NewExpression[callee.name='Date']",
  message: CLOCK_AND_CHANCE,
};

const curveLibraries = {
  group: ["@noble/*", "@scure/*"],
  message: "only core/crypto and core/values call these; everything else goes through our own names",
};

const libp2pLibraries = {
  group: ["libp2p", "@libp2p/*", "@multiformats/*", "@chainsafe/libp2p-*"],
  message: "libp2p lives in src/net and nowhere else",
};

/** Which third-party packages a part of the tree may not import. */
function refuseImports(...patterns) {
  return { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] };
}

export default defineConfig(
  globalIgnores(["dist/", ".types/", ".node/", ".devnet/", "coverage/", "tools/stubs/", "tests/vectors/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts", "**/*.svelte"],
    extends: [tseslint.configs.strictTypeChecked, svelte.configs.recommended],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: [".svelte"] },
    },
    rules: {
      eqeqeq: "error",
      "no-restricted-syntax": ["error", noDefaultExport, noEnum, noNamespace],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // Bytes and numbers in messages are fine; objects are not.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Under noUncheckedIndexedAccess an index inside the bounds of its loop needs the mark.
      "@typescript-eslint/no-non-null-assertion": "off",
      // noPropertyAccessFromIndexSignature asks for brackets where this rule asks for a dot.
      "@typescript-eslint/dot-notation": "off",
      ...refuseImports(curveLibraries, libp2pLibraries),
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  { files: ["src/core/crypto/**", "src/core/values/**"], rules: refuseImports(libp2pLibraries) },
  { files: ["src/net/**"], rules: refuseImports(curveLibraries) },
  {
    files: ["tests/**", "src/node/network/**"],
    rules: { "@typescript-eslint/no-restricted-imports": "off" },
  },
  {
    files: ["src/core/**", "src/wire/**", "src/engine/**"],
    rules: {
      "no-restricted-syntax": ["error", noDefaultExport, noEnum, noNamespace, newDate],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: CLOCK_AND_CHANCE },
        { object: "Math", property: "random", message: CLOCK_AND_CHANCE },
      ],
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "performance", "crypto", "console"],
        ...["fetch", "process", "globalThis"],
      ],
    },
  },
  {
    files: ["tests/**"],
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
  { files: ["*.config.ts", "**/*.svelte"], rules: { "no-restricted-syntax": ["error", noEnum, noNamespace] } },
  {
    files: ["**/*.mjs", "**/*.js"],
    rules: { "prefer-const": "error", eqeqeq: "error", "no-unused-vars": "error", "no-var": "error" },
  },
);
