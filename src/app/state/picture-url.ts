import type { MadePicture } from "../../api/media-api.ts";

/** An address of this page's own for a picture that was made anew here: nothing else is ever shown so. */
export const pictureUrl = ({ bytes, mime }: MadePicture): string =>
  URL.createObjectURL(new Blob([bytes], { type: mime }));
