/** What the command line cannot mean anything by: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One `--name` or `--name VALUE`. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help; undefined for a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly isList?: boolean;
  readonly help: string;
}

/** Arguments of one command, after parsing. */
export class Arguments {
  readonly #options: ReadonlyMap<string, readonly string[]>;
  readonly #words: readonly string[];

  constructor(options: ReadonlyMap<string, readonly string[]>, words: readonly string[]) {
    this.#options = options;
    this.#words = words;
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }

  text(name: string): string | undefined {
    return this.#options.get(name)?.[0];
  }

  list(name: string): readonly string[] {
    return this.#options.get(name) ?? [];
  }

  /** An option the command cannot do without. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is needed`);
    return value;
  }

  /** A whole number within bounds. */
  whole(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw new UsageError(`--${name} takes a number from ${min} to ${max}`);
    return number;
  }

  /** One of some words. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) throw new UsageError(`--${name} takes one of ${choices.join(", ")}`);
    return chosen;
  }

  /** What stands without a dash, in order. */
  get words(): readonly string[] {
    return this.#words;
  }
}

/**
 * Parses strictly: `--name VALUE` or `--name=VALUE`, every name known and at most once unless it is a list, exactly
 * `wordCount` other words. Anything else is a {@link UsageError}.
 */
export function parseArguments(specs: readonly OptionSpec[], wordCount: number, texts: readonly string[]): Arguments {
  const options = new Map<string, string[]>();
  const words: string[] = [];
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index]!;
    if (!text.startsWith("-")) {
      words.push(text);
      continue;
    }
    const [, name, inline] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(text) ?? [];
    const spec = specs.find((each) => each.name === name);
    if (name === undefined || spec === undefined) throw new UsageError(`unknown option ${text.split("=")[0]}`);
    const values = options.get(name) ?? [];
    if (values.length > 0 && spec.isList !== true) throw new UsageError(`--${name} is given twice`);
    if (spec.value === undefined) {
      if (inline !== undefined) throw new UsageError(`--${name} takes no value`);
      values.push("");
    } else {
      const value = inline ?? texts[++index];
      if (value === undefined || value === "" || (inline === undefined && value.startsWith("--"))) {
        throw new UsageError(`--${name} needs a value`);
      }
      values.push(value);
    }
    options.set(name, values);
  }
  if (words.length > wordCount) throw new UsageError(`unexpected argument ${words[wordCount]}`);
  if (words.length < wordCount) throw new UsageError("an argument is missing");
  return new Arguments(options, words);
}
