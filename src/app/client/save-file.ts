const REVOKE_AFTER_MS = 60_000;

export interface TextFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** Hands a text to the browser as a download. It goes from this page to this device and nowhere else. */
export function saveFile(page: Document, { name, type, text }: TextFile): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = page.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read it only after the person has said where to.
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
