/** What a terminal obeys, or what hides or turns round what is beside it: controls (C0, DEL and C1), formats, line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** The same within JSON, where C0 is escaped already and line ends are the printer's own. */
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;
/** A file for spreadsheets keeps what they need: tabs, line ends, and formats, of which some writing is made. */
const UNPRINTABLE_IN_CSV = /[^\P{Cc}\t\r\n]/gu;

/** A stranger's text on a terminal: one line, and nothing that the terminal would obey. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\u{fffd}");
}

/** JSON of a value with a stranger's text in it: it reads back as the same value, and no terminal obeys it. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE_IN_JSON, escaped);
}

/** CSV with a stranger's text in it, which a person may look at before it is a file. */
export function printableCsv(csv: string): string {
  return csv.replace(UNPRINTABLE_IN_CSV, "\u{fffd}");
}

function escaped(text: string): string {
  let escapes = "";
  for (let index = 0; index < text.length; index++) {
    escapes += `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return escapes;
}
