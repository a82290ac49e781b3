import type { Arguments, OptionSpec } from "./arguments.ts";

/** Where a command writes. Results go to `out`, everything else to `note`; one line each. */
export interface CommandOutput {
  out(line: string): void;
  note(line: string): void;
}

/** One command, or one word of a command that has others below it. */
export type Command = CommandLeaf | CommandGroup;

export interface CommandLeaf {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** Names of the words it takes, for the help; all are needed. */
  readonly words?: readonly string[];
  /** Resolves when done; throws Refusal or UsageError for the exit codes 1 and 2. */
  run(args: Arguments, output: CommandOutput): Promise<void>;
}

export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** Every command takes these. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "json", help: "results as JSON, one object a line" },
  { name: "help", help: "this text" },
];

/** The help text of a command called by these names. */
export function helpText(path: readonly string[], command: Command): string {
  const called = path.join(" ");
  if ("commands" in command) {
    const rows = command.commands.map(({ name, summary }) => [name, summary] as const);
    return [
      `usage: ${called} COMMAND`,
      "",
      command.summary,
      "",
      ...columns(rows),
      "",
      `${called} COMMAND --help tells more`,
    ].join("\n");
  }
  const words = (command.words ?? []).map((word) => ` ${word}`).join("");
  const rows = [...command.options, ...COMMON_OPTIONS].map((option) => {
    const value = option.value === undefined ? "" : ` ${option.value}`;
    return [`--${option.name}${value}`, option.help] as const;
  });
  return [`usage: ${called}${words} [OPTIONS]`, "", command.summary, "", ...columns(rows)].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
