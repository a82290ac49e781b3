const REVOKE_AFTER_MS = 60_000;

export interface TextFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export interface BinaryFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Hands a file to the browser as a download. It goes from this page to this device and nowhere else. */
export function saveFile(page: Document, file: TextFile | BinaryFile): void {
  const content = "text" in file ? file.text : (file.bytes as Uint8Array<ArrayBuffer>);
  const url = URL.createObjectURL(new Blob([content], { type: file.type }));
  const link = page.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  // Some browsers read it only after the person has said where to.
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
