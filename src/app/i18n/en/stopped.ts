export const stoppedTexts = {
  stopped: {
    code: "Code",
    anew: "Begin with a new wallet",
    discard: {
      open: "Erase and restore",
      text: "Everything this device stored of the wallet is removed for good. After that only the 24 words, the backup file with its code or a passkey that holds the wallet bring your coins back.",
      understood: "I have one of them",
      confirm: "Erase and restore",
      cancel: "Keep it as it is",
    },
    problems: {
      storage_denied: {
        title: "This browser lets us store nothing",
        text: "A wallet that cannot be stored would be lost, so we stop before any coins move. Allow cookies and storage for this page, or open it in a normal window instead of a private one.",
        action: "Try again",
      },
      storage_full: {
        title: "There is no room left",
        text: "Your coins are safe, but this device cannot store anything new. Free some space, then try again.",
        action: "Try again",
      },
      storage_newer: {
        title: "A newer version was here",
        text: "Your coins are safe. A newer version of the app has used this wallet, and this one cannot read it any more.",
        action: "Update",
      },
      storage_broken: {
        title: "The stored wallet cannot be read",
        text: "Your coins are safe on the network, but what this device stored about them is damaged. Try again first. If that does not help, erase it and restore your coins, here or on any device: from the recovery words, the backup file with its code or a passkey that holds the wallet.",
        action: "Try again",
      },
      storage_lost: {
        title: "The stored wallet is gone",
        text: "The browser, or somebody at this device, has cleared what was stored here. Your coins are safe on the network, and the recovery words, the backup file with its code or a passkey that holds the wallet bring them back, here or on any device.",
        action: "Restore",
      },
      open_elsewhere: {
        title: "Open in another tab",
        text: "Your coins are safe. Another tab is busy with this wallet, and only one can use it at a time.",
        action: "Use it here",
      },
      no_crypto: {
        title: "This browser is too old",
        text: "It lacks what the keys need, so we stop before any coins move. Copy the link and open it in a current browser.",
        action: "Copy the link",
      },
      moved_to_other_tab: {
        title: "The app went on in another tab",
        text: "Your coins are safe. The wallet is now open there. You can bring it back to this tab at any time.",
        action: "Use it here",
      },
      storage_failed: {
        title: "Storing failed",
        text: "Your coins are safe. This device refused to store something, so the app stopped to lose nothing. Free some space, then go on.",
        action: "Go on",
      },
      start_failed: {
        title: "The app did not start",
        text: "Your coins are safe. A part of the app could not be loaded. Check the connection, then try again.",
        action: "Try again",
      },
    },
  },
} as const;
