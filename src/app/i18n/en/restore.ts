export const restoreTexts = {
  restore: {
    title: "Restore a wallet",
    lead: "Type or paste your 24 recovery words, in their order.",
    words: "Recovery words",
    count: (count: string) => `${count} of 24`,
    hint: "The words stay on this device. Make sure that no one looks over your shoulder.",
    fits: "Words that fit",
    meant: "Words that are meant, perhaps",
    problems: {
      empty: "Type the 24 words first.",
      unknown_word: (number: string, word: string) => `Word ${number}, “${word}”, is not one of the recovery words.`,
      too_few: (count: string) => `There must be 24 words, and here the count is ${count}.`,
      too_many: (count: string) => `There must be 24 words, and here are ${count}.`,
      bad_checksum:
        "Each word exists, but together they do not fit. One of them is another word, or two have changed places.",
      words_invalid: "These words belong to no wallet. Compare them with your paper, one by one.",
    },
    birthday: "When did you make this wallet?",
    birthdayHint:
      "Roughly is enough: we look from a week before that day, which is faster. Left empty, we look at everything.",
    birthdayAhead: "This day has not come yet.",
    comesBack:
      "Whichever way you take, your coins come back. Payments you sent, receipts for them, and notes of long ago do not.",
    submit: "Restore",
    submitting: "Restoring",
    exists: {
      title: "There is a wallet on this device",
      text: "A device holds one wallet. To restore another one here, erase this one first, but only if you have its words, its backup file with the code or a passkey that holds it.",
      open: "Open the wallet",
      erase: "Where to erase it",
    },
  },
  restoring: {
    title: "Restoring",
    counts: (checked: string, found: string) => `Coins checked: ${checked}. Yours so far: ${found}.`,
    parts: (done: string, total: string) => `Part ${done} of ${total}`,
    unknownTotal: "Finding out how far back to look",
    going: "You can use what is found already. If you close the app, it goes on where it was.",
    waiting: "It waits for the network and goes on by itself.",
    problems: {
      offline: "No node answers. It goes on by itself when one does.",
      not_served: "No node that answers has the older coins. We keep asking.",
      nodes_refused: "What the nodes sent does not check out, so we refused it. We keep asking others.",
    },
    soFar: "Found so far",
    stop: "Stop restoring",
    done: (found: string) => `Restored. Coins found: ${found}.`,
    doneNew: "Restored. Your newest coins are in the balance.",
    doneNone:
      "Everything was checked, and this wallet has no coins. If you expected some, you may have come with another wallet: compare the words with your paper, try another file or passkey, or restore once more without a date.",
    stopTitle: "Stop restoring?",
    stopText:
      "The keys and what was found are removed from this device. Your coins stay on the network, and the words, file or passkey you came with bring them back at any time.",
    stopConfirm: "Stop and remove",
    stopping: "Removing",
    goOn: "Go on restoring",
  },
} as const;
