export const startTexts = {
  app: {
    name: "Stegos",
    unit: "STG",
    amount: (figure: string) => `${figure} STG`,
    back: "Back",
    close: "Close",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Could not copy. Select the text instead.",
    tryAgain: "Try again",
    skipToContent: "Skip to the content",
    sections: "Sections",
    opening: "Opening your wallet",
  },
  tabs: { pay: "Pay", me: "Me" },
  start: {
    title: "Money that is nobody else’s business",
    points: {
      private: { title: "Private", text: "Only you and the person you pay can see the amount and the note." },
      fast: { title: "Done in seconds", text: "A payment is usually final in about 3 seconds. Nobody can undo it." },
      yours: {
        title: "Yours",
        text: "The keys are made here and stay on this device. No name, no number, no account.",
      },
    },
    start: "Start",
    starting: "Starting",
    hint: "One tap makes your wallet. There is nothing to fill in.",
  },
  update: { ready: "A new version is ready.", apply: "Update", applying: "Updating" },
  notFound: { title: "Nothing here", text: "This address leads nowhere. Your coins are safe.", action: "Go to Pay" },
} as const;
