import { join } from "node:path";
import ts from "typescript";
import { listFiles, ROOT } from "../architecture/source-files.ts";

/** What a view or an answer calls its reason to be no ordinary one. */
const NAMES = ["code", "problem", "reason", "fault", "refused"] as const;

/** The values of a property whose type is made of string literals alone, `undefined` aside. */
function literalsOf(type: ts.Type): readonly string[] {
  const parts = (type.isUnion() ? type.types : [type]).filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0);
  return parts.every((part) => part.isStringLiteral()) ? parts.map(({ value }) => value) : [];
}

/**
 * Every code that crosses the port between client and page, under `Type.property`, read from the types of src/api: a
 * new one is found here before anybody has thought of its words.
 */
export function problemCodes(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = listFiles("src/api/*.ts").map((path) => join(ROOT, path));
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
    for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
      if ((symbol.flags & (ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Interface)) === 0) continue;
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      for (const part of type.isUnion() ? type.types : [type]) {
        for (const name of NAMES) {
          const property = part.getProperty(name);
          if (property === undefined) continue;
          const codes = found.get(`${symbol.name}.${name}`) ?? new Set();
          for (const code of literalsOf(checker.getTypeOfSymbol(property))) codes.add(code);
          if (codes.size > 0) found.set(`${symbol.name}.${name}`, codes);
        }
      }
    }
  }
  return found;
}
