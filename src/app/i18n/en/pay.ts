export const payTexts = {
  pay: {
    title: "Pay",
    balance: "Balance",
    checking: "Checking",
    incoming: (amount: string) => `${amount} more on the way to you`,
    hidden: "Hidden",
    hide: "Hide the balance",
    show: "Show the balance",
    send: "Send",
    receive: "Receive",
    recent: "Recent",
    all: "Show all",
    empty: "No payments yet. Share your address to receive your first coins.",
    emptyDev: "No payments yet. Get test coins, or share your address.",
    emptyRestored:
      "What you sent before the restore is not known here. What you send and receive from now on is listed.",
  },
  faucet: {
    get: "Get test coins",
    getting: "Getting test coins",
    asked: "Test coins are on their way, usually 3 seconds.",
    problems: {
      not_a_dev_network: "There are no test coins on this network.",
      too_soon: "You got test coins a moment ago. Try again in 10 seconds.",
      unreachable: "The test node did not answer. Nothing was taken. Try again.",
      refused: "The test node has no coins to give right now. Try again later.",
    },
  },
  sync: {
    connecting: "Connecting",
    catchingUp: (height: string, target: string) => `Checking ${height} of ${target}`,
    checking: "Checking",
    live: "Up to date",
    offline: "Offline",
    offlineAt: (height: string) => `Offline, last checked at block ${height}`,
    late: "Your coins are safe. The network is slower than usual, so payments wait a little longer.",
    offlineWords: "You are offline. Everything here can be read, and payments go out when you are back.",
    chainReplaced:
      "This network was started anew. Coins and payments of the old one are set aside, your keys stay the same.",
    problems: {
      no_network_file: "Your coins are safe. This page does not say which network it belongs to. We keep trying.",
      no_node_reachable: "Your coins are safe. No node of the network answers. We try again by ourselves.",
      wrong_network: "Your coins are safe. This page now points to another network than this wallet’s.",
      bad_certificate: "Your coins are safe. A node sent data that does not check out. We refused it and ask others.",
      checkpoint_too_old:
        "Your coins are safe. The app has not looked at the network for so long that it cannot tell the right chain by itself. Update the app, or enter a checkpoint from somebody you trust.",
      clock_wrong:
        "Your coins are safe. The clock of this device is wrong, so nobody can tell how old the news is. Set date and time, and the app goes on by itself.",
      fork: "Your recovery words, your backup file or a passkey that holds the wallet keep your coins. Do not pay or accept payments now: this network has two histories that are both signed as final, so the app has stopped. Look for news from its makers, update it, then restore.",
    },
  },
  history: {
    title: "History",
    empty: "No payments yet. What you send and receive is listed here.",
    today: "Today",
    yesterday: "Yesterday",
    received: "Received",
    incoming: "Coming to you",
    sent: "Sent",
    acts: {
      stake: "Staked",
      unstake: "Asked back",
      withdraw: "Withdrawn",
      payout: "Stake reward",
      award: "Weekly award",
    },
    older: "Show older payments",
    loading: "Loading your payments",
    orBefore: (time: string) => `${time} or before`,
    restored:
      "This wallet was restored. Payments sent before that are not known here, and older coins only show when they came at the latest.",
  },
} as const;
