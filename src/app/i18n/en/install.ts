export const installTexts = {
  install: {
    title: "Keep Stegos on this device",
    hint: "It opens from the home screen, also without a network.",
    asking: "Your browser is asking.",
    done: "Stegos is on this device now.",
    declined: "It was not installed. Nothing else changes.",
    steps: {
      share: "Tap Share. If you do not see it, tap the three dots first.",
      add: "Scroll down and tap Add to Home Screen.",
      confirm: "Tap Add.",
    },
    empty:
      "The app on the home screen starts empty: its storage is kept apart from this browser’s. Bring the wallet over with the passkey, the backup file or the recovery words.",
    inApp: {
      title: "This window belongs to another app",
      start:
        "What is kept here may vanish with that app. Tap the three dots, usually at the top right, then Open in browser. Or copy the link and paste it there.",
      wallet:
        "This wallet is kept in this window alone and may vanish with that app. Make a backup under Safety, then open Stegos in your browser and restore it there.",
      copy: "Copy the link",
    },
  },
} as const;
