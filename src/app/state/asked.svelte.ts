/** The link of a request that somebody has opened, pasted or scanned; kept while a wallet is made for it. */
export class AskedState {
  link = $state.raw("");

  /** A link, or what stands behind `#` of one. */
  take(text: string): void {
    this.link = text.includes("#") ? text : `/p#${text}`;
  }

  clear(): void {
    this.link = "";
  }
}
