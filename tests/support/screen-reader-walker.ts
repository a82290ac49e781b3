import type { CDPSession, Page } from "playwright-core";
import { eventually } from "./eventually.ts";
import { type Name, type Role, type Walker, waitForMatch, waitForText, waitForWords } from "./walker.ts";

type Tree = Awaited<ReturnType<typeof readTree>>;
type TreeNode = Tree[number];

const RECOVERY_WORD = /^[a-z]{3,8}$/;

/** With nodes that only hold others together. */
async function readWholeTree(session: CDPSession) {
  return (await session.send("Accessibility.getFullAXTree")).nodes;
}

async function readTree(session: CDPSession) {
  return (await readWholeTree(session)).filter(({ ignored }) => !ignored);
}

const nameOf = (node: TreeNode): string => String(node.name?.value ?? "");
const isOf = (node: TreeNode, role: Role, name: Name): boolean =>
  node.role?.value === role && (typeof name === "string" ? nameOf(node) === name : name.test(nameOf(node)));
const isDisabled = ({ properties = [] }: TreeNode): boolean =>
  properties.some(({ name, value }) => name === "disabled" && value.value === true);

const isFocused = ({ properties = [] }: TreeNode): boolean =>
  properties.some(({ name, value }) => name === "focused" && value.value === true);
const isSaid = ({ properties = [] }: TreeNode): boolean =>
  properties.some(({ name, value }) => name === "live" && value.value !== "off");

/**
 * Somebody who knows the app from Chromium's accessibility tree alone, as a screen reader hands it on: finds controls by
 * role and name, presses them by their default action, and reads the texts in the tree. Neither the document nor a
 * picture of it is asked for anything.
 */
export class ScreenReaderWalker implements Walker {
  readonly page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.#session = session;
  }

  static async on(page: Page): Promise<ScreenReaderWalker> {
    const session = await page.context().newCDPSession(page);
    await session.send("Accessibility.enable");
    return new ScreenReaderWalker(page, session);
  }

  async press(role: Role, name: Name): Promise<void> {
    const backendNodeId = await this.#find(role, name);
    const { object } = await this.#session.send("DOM.resolveNode", { backendNodeId });
    // What a screen reader asks for is the default action: Chromium then sets the focus and clicks.
    const functionDeclaration = "function () { this.focus(); this.click(); }";
    await this.#session.send("Runtime.callFunctionOn", { objectId: object.objectId!, functionDeclaration });
  }

  async fill(name: Name, text: string): Promise<void> {
    const backendNodeId = await this.#find("textbox", name);
    await this.#session.send("DOM.focus", { backendNodeId });
    await this.page.keyboard.press("Control+A");
    await this.#session.send("Input.insertText", { text });
  }

  async choose(name: Name, option: string): Promise<void> {
    const backendNodeId = await this.#find("combobox", name);
    await this.#session.send("DOM.focus", { backendNodeId });
    await eventually(async () => {
      const tree = await readTree(this.#session);
      const [list] = tree.filter((node) => isOf(node, "combobox", name));
      if (list?.value?.value === option) return;
      await this.page.keyboard.press("ArrowDown");
      throw new Error(`chosen is “${String(list?.value?.value)}”`);
    });
  }

  async attach(name: string, file: string): Promise<void> {
    // Chromium names it by its label and by what was chosen.
    const backendNodeId = await this.#find("button", new RegExp(`^${name}`));
    await this.#session.send("DOM.setFileInputFiles", { files: [file], backendNodeId });
  }

  async escape(): Promise<void> {
    await this.page.keyboard.press("Escape");
  }

  async standsOn(role: Role, name: Name): Promise<void> {
    await eventually(async () => {
      const tree = await readTree(this.#session);
      const focused = tree.filter(isFocused);
      if (focused.some((node) => isOf(node, role, name))) return;
      const there = focused.map((node) => `${String(node.role?.value)} ${nameOf(node)}`);
      throw new Error(`the focus is not on the ${role} ${String(name)} but on: ${there.join(", ")}`);
    });
  }

  async hears(text: string): Promise<void> {
    await waitForText(async () => {
      const tree = await readWholeTree(this.#session);
      const byId = new Map(tree.map((node) => [node.nodeId, node]));
      const isLive = (node: TreeNode | undefined): boolean =>
        node !== undefined && (isSaid(node) || isLive(byId.get(node.parentId ?? "")));
      const live = tree.filter((node) => node.role?.value === "StaticText" && isLive(node)).map(nameOf);
      const focused = tree.filter(isFocused).map((node) => `${nameOf(node)} ${String(node.description?.value ?? "")}`);
      return [...live, ...focused].join("\n");
    }, text);
  }

  async reads(pattern: RegExp): Promise<string> {
    return waitForMatch(async () => (await this.#texts()).join("\n"), pattern);
  }

  async sees(text: string): Promise<void> {
    await waitForText(async () => (await this.#texts()).join(""), text);
  }

  async readWords(): Promise<string> {
    return waitForWords(async () => (await this.#texts()).filter((text) => RECOVERY_WORD.test(text)));
  }

  async #texts(): Promise<readonly string[]> {
    const tree = await readTree(this.#session);
    return tree.filter(({ role }) => role?.value === "StaticText").map(nameOf);
  }

  /** The one control of that role and name. Two with the same name could not be told apart. */
  async #find(role: Role, name: Name): Promise<number> {
    return eventually(async () => {
      const tree = await readTree(this.#session);
      const found = tree.filter((node) => isOf(node, role, name));
      const [node] = found;
      if (found.length !== 1 || node?.backendDOMNodeId === undefined) {
        const all = tree.filter((other) => other.role?.value === role || other.role?.value === "StaticText");
        throw new Error(`${found.length} times the ${role} ${String(name)} among: ${all.map(nameOf).join(" | ")}`);
      }
      if (isDisabled(node)) throw new Error(`the ${role} ${String(name)} is disabled`);
      return node.backendDOMNodeId;
    });
  }
}
