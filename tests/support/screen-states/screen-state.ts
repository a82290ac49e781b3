import type { Page } from "playwright-core";

/** One more state of a screen, reached from the one before it without a reload. */
export interface NextState {
  readonly name: string;
  readonly then: (page: Page) => Promise<unknown>;
  /** It stands for its screen among the pictures of docs/screens. */
  readonly isPictured?: true;
}

/** A state of a screen that somebody can come to, over the fake client. Its way there reads in any language. */
export interface ScreenState {
  readonly name: string;
  readonly path: string;
  /** Of tests/app/harness.ts. */
  readonly scene: string;
  /** What is done there once the screen is open. */
  readonly then?: (page: Page) => Promise<unknown>;
  readonly next?: readonly NextState[];
  /** As in {@link NextState}. */
  readonly isPictured?: true;
}
