import { expose } from "comlink";
import type { MediaApi } from "../src/api/media-api.ts";
import { mediaService } from "../src/client/media/make-picture.ts";

expose(mediaService satisfies MediaApi);
