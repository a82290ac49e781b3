/** How tests start Chromium: without a screen, and without traffic of its own. */
export const CHROMIUM = {
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Local networks are on loopback, where a browser looks for no peers by itself.
    "--allow-loopback-in-peer-connection",
  ],
};
