/** Spaces, controls, marks of direction, fillers: what a font draws nothing for. */
const UNSEEN = /^[\s\p{Cc}\p{Zl}\p{Zp}\p{Zs}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether nobody would see anything of it. A stranger's text like that says nothing, and is shown as if it was none. */
export function isBlank(text: string): boolean {
  return UNSEEN.test(text);
}
