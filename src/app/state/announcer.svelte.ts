/** What screen readers are told, politely, one thing at a time. */
export class Announcer {
  text = $state.raw("");

  say(text: string): void {
    this.text = text;
  }
}
