/** The recheck of how a red packet was shared out. */
export const drawCheckTexts = {
  drawCheck: {
    start: "Check this draw",
    busy: "Checking",
    reading: (read: string, total: string) => `Reading ${read} of ${total} blocks`,
    private:
      "Your device reads all blocks of that time and does the sums itself, so no node learns which packet you check.",
    amount: (figure: string) => `${figure} STG`,
    verdicts: {
      true: "It was shared out as promised",
      false: "Something does not fit",
      unknown: "Not everything could be checked",
    },
    ticks: {
      total: "The total adds up",
      fixed: "The shares were fixed beforehand",
      placed: "A later block chose the place",
    },
    held: { true: "checked", false: "does not hold", unknown: "could not be told" },
    total: (shares: string, total: string) => `All ${shares} shares together hold ${total}, and none is below zero.`,
    totalHidden: (shares: string) => `The ${shares} shares could not be opened with this link.`,
    fixed: (made: string) => `They stand in block ${made}. Nobody has asked for one yet.`,
    fixedBefore: (made: string, first: string) =>
      `They stand in block ${made}. The first person asked in block ${first}, and nothing was changed since.`,
    placed: (place: string, amount: string, block: string) =>
      `Yours is share ${place} with ${amount}. The random number of block ${block} chose it, after you had asked.`,
    placedAll: (count: string) =>
      `Opened so far: ${count}. Each share was chosen by the random number of a block that came after the person had asked.`,
    wrong: "The blocks say something else. The raw data below name what does not hold.",
    how: {
      title: "How this works",
      words: [
        "Whoever makes a packet splits the coins first. Each share goes into the chain under a lock: everybody sees that it is there, nobody sees how much it holds, and it cannot be changed any more.",
        "When you tap Open, your device only asks for one share, not for a certain one. Two blocks later the network makes a random number that nobody could know when you asked, neither the sender nor those who run the network. That number says which of the remaining shares is yours.",
        "So it does not matter who is first, and nobody can keep the large shares for friends. Your link opens the locks, so your device can add all shares up and see that they are what the sender promised.",
        "The check asks you to believe nobody: it reads the blocks themselves, and each was signed by those who run the network. It cannot say how much was in the packets of others, nor who opened them.",
      ],
    },
    raw: "Raw",
    problems: {
      unknown_packet: "This wallet knows nothing of this packet. Check it on the device that opened or made it.",
      not_drawn: "Your share is not there yet. Come back when the coins have arrived.",
      not_ready: "This device does not know the chain well enough yet. Try again in a moment.",
      offline: "Nobody could be asked. Your coins are not touched by this. Try again when you are online.",
      checkpoint_too_old:
        "This device has not looked at the chain for too long to know which answers are right. Enter a checkpoint in the settings, from somebody you trust.",
      fork: "This device has stopped over two chains that contradict each other, and asks nobody.",
      gone: "No longer kept. Nodes keep whole blocks for about a day; your coins stay yours.",
      too_long: "This packet was open for so long that there are too many blocks to read on this device.",
      too_large: "The blocks of that time are too many bytes to read here.",
      unproven: "Nobody known to this device has signed the blocks of that time. Try again later.",
      failed: "The check did not come to an end. Nothing is wrong with the packet because of that. Try again.",
    },
  },
} as const;
