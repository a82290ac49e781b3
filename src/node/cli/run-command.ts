import { Refusal } from "../refusal.ts";
import { parseArguments, UsageError } from "./arguments.ts";
import { COMMON_OPTIONS, helpText, type Command, type CommandOutput } from "./command.ts";
import { printable } from "./printable.ts";

/** Exit codes everybody may rely on. */
export const EXIT_CODE = { done: 0, refused: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];

/** Finds the command, runs it and turns its end into an exit code; a refusal is one line with its code in brackets. */
export async function runCommand(root: Command, texts: readonly string[], output: CommandOutput): Promise<ExitCode> {
  const path = [root.name];
  let command = root;
  let rest = texts;
  try {
    while ("commands" in command) {
      const [word, ...others] = rest;
      if (word === "--help" || word === "help") {
        output.out(helpText(path, command));
        return EXIT_CODE.done;
      }
      if (word === undefined) throw new UsageError("a command is missing");
      const next: Command | undefined = command.commands.find(({ name }) => name === word);
      if (next === undefined) throw new UsageError(`unknown ${word.startsWith("-") ? "option" : "command"} ${word}`);
      command = next;
      path.push(word);
      rest = others;
    }
    if (rest.includes("--help")) {
      output.out(helpText(path, command));
      return EXIT_CODE.done;
    }
    const args = parseArguments([...command.options, ...COMMON_OPTIONS], command.words?.length ?? 0, rest);
    await command.run(args, output);
    return EXIT_CODE.done;
  } catch (error) {
    if (error instanceof UsageError) {
      output.note(`${path.join(" ")}: ${oneLine(error.message)}; see ${path.join(" ")} --help`);
      return EXIT_CODE.usage;
    }
    const code = error instanceof Refusal ? error.code : "internal_error";
    output.note(`${path.join(" ")}: ${oneLine(error instanceof Error ? error.message : "unknown error")} [${code}]`);
    return EXIT_CODE.refused;
  }
}

/** A message may quote somebody else: a node that was asked, or an argument. */
const oneLine = (text: string): string => printable(text.replace(/\s+/g, " "));
