/**
 * An ordinary "no" of a command or a resource at the edge: a stable code for scripts and one line for people.
 * The command line prints both and exits with 1; nothing half-done is left behind.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
