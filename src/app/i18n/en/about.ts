export const aboutTexts = {
  about: {
    title: "About this app",
    open: "About this app",
    openHint: "Version, what is new, fingerprint",
    version: "Version",
    fingerprint: "Fingerprint",
    copy: "Copy the fingerprint",
    hint: "Whoever builds the same version from its source gets the same fingerprint. Compare it with what people you trust publish.",
    right: (count: string) => `All ${count} files kept on this device are those of this fingerprint.`,
    wrong: (count: string) =>
      `Files kept on this device that are not those of this fingerprint: ${count}. Do not pay from here until you know why.`,
    none: "There is no fingerprint here now: you are offline, or this host publishes none.",
    changes: "In this version",
    /** Of the version in package.json, the newest first: what somebody would notice. */
    changeList: {
      labels: "Payments can be given a label of your own.",
      comforts: "Settings for larger text, less motion, and the sound of a packet.",
      board: "A lucky packet that you made shows its shares by size, and which of them are opened.",
      hurry: "A red packet opens faster on a slow line.",
      packets: "Red packets: whoever has the link has coins with one tap, without an account.",
      requests: "Payment requests by link or code, and receipts that anybody can check.",
      base: "Private payments, with keys that never leave your device.",
    },
    updates: "New versions",
    check: "Look for a new version",
    checking: "Looking",
    findings: {
      ready: "A new version is ready.",
      newest: "You have the newest version.",
      failed: "The new version could not be fetched whole. This one goes on working.",
    },
  },
} as const;
