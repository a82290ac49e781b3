/** What pictures and videos that people show each other may be (RP-10). No rule of consensus rests on it. */

/** Of a file that a person picks on the own device; it is made smaller before it goes anywhere. */
export const MEDIA_SOURCE_BYTES_MAX = 20 * 1024 * 1024;
export const MEDIA_SOURCE_PIXELS_MAX = 32_000_000;
/** Of what comes from others: the content of a blob of 256 KiB. */
export const MEDIA_SHOWN_BYTES_MAX = 256 * 1024 - 4;
/** Decoded it takes four bytes each: a phone that shows it holds 16 MB for a moment. */
export const MEDIA_SHOWN_PIXELS_MAX = 4_000_000;
/** Width and height of a picture as it is sent. */
export const PICTURE_SIDE_MAX = 1_280;

export const ANIMATION_FRAMES_MAX = 120;
/** Of all frames together. */
export const ANIMATION_PIXELS_MAX = 32_000_000;
/** Of animations and videos. */
export const MEDIA_DURATION_MS_MAX = 10_000;
export const VIDEO_PIXELS_MAX = 1_920 * 1_080;
/** Of a progressive JPEG: each makes a decoder go over the whole picture again, and may take a few bytes. */
export const JPEG_SCANS_MAX = 100;
/** Boxes, chunks or blocks of one file that are looked at, inside one another or not. */
export const MEDIA_PARTS_MAX = 4_096;
