import { Refusal } from "../../refusal.ts";

/** Where secrets come from and how far a command is shown: never the command line, which every process can read. */
export interface Terminal {
  /** `STEGOS_PASSPHRASE`. */
  passphrase(): string | undefined;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Asks a person; what is typed is not shown. */
  ask(prompt: string): Promise<string>;
  /** What was piped in; undefined if it is longer. */
  readInput(sizeMax: number): Promise<string | undefined>;
  /** Replaces the line of progress; empty takes it away. Nothing where nobody looks. */
  progress(line: string): void;
}

const KEY = { interrupt: "\u0003", end: "\u0004", backspace: "\u007f", enter: "\r" } as const;

/** This process's. */
export const terminal: Terminal = {
  passphrase: () => process.env["STEGOS_PASSPHRASE"],
  get isInteractive() {
    return process.stdin.isTTY;
  },
  ask: askHidden,
  readInput,
  progress(line) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  },
};

function askHidden(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (): void => {
      stdin.off("data", onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
    };
    const onData = (chunk: string): void => {
      for (const key of chunk) {
        if (key === KEY.interrupt || key === KEY.end) {
          finish();
          reject(new Refusal("interrupted", "nothing was entered"));
          return;
        }
        if (key === KEY.enter || key === "\n") {
          finish();
          resolve(text);
          return;
        }
        text = key === KEY.backspace ? Array.from(text).slice(0, -1).join("") : text + key;
      }
    };
    stdin.on("data", onData);
  });
}

async function readInput(sizeMax: number): Promise<string | undefined> {
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin as AsyncIterable<string>) {
    text += chunk;
    if (text.length > sizeMax) return undefined;
  }
  return text;
}
