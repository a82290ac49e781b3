import type { Page } from "playwright-core";
import { eventually } from "./eventually.ts";

/** What a person acts on, as a screen reader names it. */
export type Role = "button" | "checkbox" | "combobox" | "group" | "heading" | "link" | "textbox";
export type Name = string | RegExp;

/** Somebody who goes through the app in one way only: every step names a control by its role and its name. */
export interface Walker {
  readonly page: Page;
  press(role: Role, name: Name): Promise<void>;
  /** Writes this, in the place of what stood there. */
  fill(name: Name, text: string): Promise<void>;
  /** Chooses from a list by the arrow keys. */
  choose(name: Name, option: string): Promise<void>;
  /** Gives a file to the field of that name. */
  attach(name: string, file: string): Promise<void>;
  escape(): Promise<void>;
  /** Waits until the focus is there, without going anywhere. */
  standsOn(role: Role, name: Name): Promise<void>;
  /** Waits until this is said without being looked for: in a live region, or with what has the focus. */
  hears(text: string): Promise<void>;
  /** Waits until this can be read somewhere, and gives it. */
  reads(pattern: RegExp): Promise<string>;
  /** Waits until this can be read somewhere, whatever space stands in it. */
  sees(text: string): Promise<void>;
  /** The recovery words on show. */
  readWords(): Promise<string>;
}

const WORD_COUNT = 24;
const withoutSpace = (text: string): string => text.replace(/\s+/gu, "");

/** Waits for what matches among all that can be read, which is asked for anew each time. */
export async function waitForMatch(read: () => Promise<string>, pattern: RegExp): Promise<string> {
  return eventually(async () => {
    const all = await read();
    const found = pattern.exec(all)?.[0];
    if (found === undefined) throw new Error(`${String(pattern)} is not in: ${all.slice(0, 2_000)}`);
    return found;
  });
}

/** Waits for a text among all that can be read, which is asked for anew each time. */
export async function waitForText(read: () => Promise<string>, text: string): Promise<void> {
  await eventually(async () => {
    const all = await read();
    if (!withoutSpace(all).includes(withoutSpace(text))) throw new Error(`“${text}” is not in: ${all.slice(0, 2_000)}`);
  });
}

/** Waits until all the words are among the texts that can be read, and gives them. */
export async function waitForWords(read: () => Promise<readonly string[]>): Promise<string> {
  return eventually(async () => {
    const words = await read();
    if (words.length !== WORD_COUNT) throw new Error(`there are ${words.length} words`);
    return words.join(" ");
  });
}
