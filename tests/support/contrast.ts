import type { Page } from "playwright-core";

/** What a look at computed styles finds: too little contrast, by WCAG 2.2, or no ring around what has the focus. */
type Look = "texts" | "controls" | "rings";

/** Runs in the page. */
function look(what: Look): string[] {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number];

  const parse = (text: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue, alpha];
  };
  /** The colour under an element: of the nearest that has one. */
  const groundOf = (element: Element | null): Colour => {
    for (let each = element; each !== null; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const luminance = (colour: Colour): number => {
    const [red, green, blue] = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a: Colour, b: Colour): number => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
    return (high + 0.05) / (low + 0.05);
  };
  const nameOf = (element: Element): string =>
    `${element.localName}.${element.getAttribute("class") ?? ""} ${element.textContent.trim().slice(0, 30)}`;

  // What cannot be used may be faint.
  const inactive = `:disabled, [aria-disabled="true"]`;
  const faint: string[] = [];
  // While a sheet is open, all else lies under its veil.
  const root = document.querySelector("dialog[open]") ?? document.body;
  for (const element of root.querySelectorAll("*")) {
    if (!element.checkVisibility() || element.matches(`${inactive}, .visually-hidden, script, noscript`)) continue;
    const style = getComputedStyle(element);
    if (what === "texts") {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== "",
      );
      if (!hasText || element.closest(`${inactive}, .skeleton`) !== null) continue;
      const ratio = contrast(parse(style.color), groundOf(element));
      if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${nameOf(element)}`);
    } else if (what === "controls") {
      const isIcon = element instanceof SVGSVGElement && element.getAttribute("stroke") === "currentColor";
      const isEdged = element.matches(".input, .button:not(.plain)");
      if ((!isIcon && !isEdged) || element.closest(inactive) !== null) continue;
      const ground = groundOf(element.parentElement);
      const edge = parse(style.borderTopColor);
      const seen = isIcon ? [parse(style.color)] : [groundOf(element), ...(edge[3] === 1 ? [edge] : [])];
      const ratio = Math.max(...seen.map((colour) => contrast(colour, ground)));
      if (ratio < 3) faint.push(`${ratio.toFixed(2)} ${nameOf(element)}`);
    } else if (element instanceof HTMLElement && element.matches("button, a[href], input, textarea")) {
      element.focus({ focusVisible: true });
      const ring = getComputedStyle(element);
      const width = Number.parseFloat(ring.outlineWidth);
      const ratio = contrast(parse(ring.outlineColor), groundOf(element.parentElement));
      if (ring.outlineStyle !== "solid" || width < 2 || ratio < 3) faint.push(`${ring.outline} ${nameOf(element)}`);
    }
  }
  return [...new Set(faint)];
}

/** Texts under 4.5 : 1. */
export const faintTextsOf = (page: Page): Promise<readonly string[]> => page.evaluate(look, "texts" as const);

/** Icons, and the edges of fields and buttons, under 3 : 1. */
export const faintControlsOf = (page: Page): Promise<readonly string[]> => page.evaluate(look, "controls" as const);

/** What has the focus without a ring of 2 px and 3 : 1 around it. */
export const ringlessOf = (page: Page): Promise<readonly string[]> => page.evaluate(look, "rings" as const);
