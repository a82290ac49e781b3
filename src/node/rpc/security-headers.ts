/**
 * The policy of the app. It stands on every file, since a worker takes its policy from its own response: scripts and
 * workers from here only, WebAssembly allowed, sockets to any node, no string ever becomes script. Pictures and films are
 * ours, or were made or looked through by the page itself.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The one policy of ours: addresses of our own workers.
  "trusted-types default",
].join("; ");

/** What the app may ask a browser for: the camera, to scan a code. */
const PERMISSIONS_POLICY = [
  "camera=(self)",
  ...["display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb"].map(
    (name) => `${name}=()`,
  ),
].join(", ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": PERMISSIONS_POLICY,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
