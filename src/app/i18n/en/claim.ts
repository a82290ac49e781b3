/** The page that a link to a red packet opens. It has no other texts: it is loaded before the app is. */
export const claimTexts = {
  claim: {
    app: "Stegos",
    unit: "STG",
    amount: (figure: string) => `${figure} STG`,
    otherLanguage: "中文",
    title: "A red packet for you",
    glyph: "Open",
    open: "Open the red packet",
    hint: "Tap the seal. You need no account and no app.",
    hintPassword: "Enter the password you were told, then tap the seal.",
    hintGift: "One coin, for whoever takes it first. Tap the seal. You need no account and no app.",
    password: "Password",
    passwordMissing: "This packet opens with a password. Ask whoever sent it.",
    what: {
      title: "What is this?",
      text: "Somebody put coins into this link. When you open it, a wallet is made here, on your device, and they are yours. Nobody asks for a name, a number or an address. What you get, only you and the sender can see.",
      tap: "Looking at this page takes nothing: only your tap does.",
    },
    opening: "Opening",
    greeting: "From the sender",
    picture: {
      alt: "Picture from the sender",
      gone: "There is a picture with it that cannot be shown now.",
      play: "Let it move",
      pause: "Hold it still",
    },
    steps: {
      finding: "Finding your packet",
      found: "Found your packet",
      trying: (percent: string) => `Trying your luck: ${percent}`,
      claiming: "Claiming your share",
      taking: "Taking your coin",
      claimed: "Claimed. Your try is kept on this device",
      settling: "Waiting for the network",
    },
    usual: "Usually 3 seconds",
    slowFinding: "The network is slow today. Nothing is lost: the packet stays as it is until it is opened.",
    slowSettling: "Your try is safe. The network usually takes 3 seconds, and goes on even if you close this page.",
    shares: (left: string, count: string) => `${left} of ${count} not opened yet`,
    odds: (percent: string) => `Each try wins with a chance of ${percent}`,
    won: (amount: string) => `You got ${amount}!`,
    wonBefore: (amount: string) => `Opened before: ${amount}`,
    wonNote: "They are yours, here on this device.",
    wonBeforeNote: "A packet opens once for each of us. The coins are in your wallet.",
    luckiest: "Luckiest of all",
    rank: (rank: string, count: string) => `Luck: place ${rank} of ${count}`,
    next: {
      safe: "Keep it safe",
      send: "Send one on",
      wallet: "My wallet",
      again: "Try again",
      here: "Use it here",
      reload: "Update",
      copy: "Copy the link",
      copied: "Copied",
      copyFailed: "Could not copy. Copy the address of this page instead.",
      own: "See what this is",
    },
    inApp: {
      title: "This window belongs to another app",
      text: "You can open the packet here, but what is kept here may vanish with that app. Better: tap the three dots, usually at the top right, then Open in browser. Or copy the link and paste it there.",
    },
    lock: {
      title: "Your wallet is locked",
      text: "Unlock it, and the packet is opened right away.",
      unavailable: "What unlocks it could not be loaded. Check the connection, then load this page again.",
    },
    code: "Code",
    problems: {
      // Of the packet.
      not_this_time: {
        title: "Not this time",
        text: "This try did not win. You can try again as often as you like, while there is something left.",
      },
      gone: {
        title: "Too late, all opened",
        text: "Others were faster this time. There is nothing left in this packet.",
      },
      expired: {
        title: "This packet has expired",
        text: "Its time is over, and what was left is on its way back to the sender.",
      },
      already_opened: {
        title: "You have opened this one",
        text: "A packet opens once for each of us. What you got is in your wallet.",
      },
      wrong_password: {
        title: "That is not the password",
        text: "The packet is still closed. Check capitals and spaces, then try again.",
      },
      not_for_you: {
        title: "This packet is for a group",
        text: "Only its members can open it, from their chat. Nothing was taken.",
      },
      gift_below_fee: {
        title: "Too little to take",
        text: "What is in this link is less than the network asks for moving it. It stays where it is.",
      },
      refused: {
        title: "This try did not count",
        text: "The network took too long, and your try has lapsed. Nothing is lost: open the link once more.",
      },
      // Of the link.
      malformed: {
        title: "This link is not whole",
        text: "Something is missing or was changed on the way. Ask whoever sent it to send it again, or copy all of it.",
      },
      too_long: {
        title: "This link is not whole",
        text: "There is more behind it than belongs to it. Ask whoever sent it to send it again.",
      },
      newer_version: {
        title: "This link is newer than this page",
        text: "Load the page again. If that does not help, ask whoever sent it which page opens it.",
      },
      wrong_network: {
        title: "From another network",
        text: "This packet is on another network than this page. Open the link on the page that it names.",
      },
      no_link: {
        title: "Nothing to open",
        text: "The address of this page names no packet. Open the whole link that you were sent.",
      },
      // Of the network. Nothing has left.
      offline: {
        title: "No connection",
        text: "Nothing was taken and nothing is lost. Keep this page open: the packet is opened as soon as there is a connection. Or open the link again later.",
      },
      not_ready: {
        title: "Not ready yet",
        text: "The network has not answered yet. Nothing was taken. Try again in a moment.",
      },
      checkpoint_too_old: {
        title: "Out of touch for too long",
        text: "This device has not seen the network for so long that somebody has to say which chain is right. Open your wallet: it says how. The packet waits here.",
      },
      fork: {
        title: "Stopped, to be on the safe side",
        text: "Two chains contradict each other, so this device asks nobody. Nothing was taken. Open your wallet: it says more.",
      },
      // Of the wallet.
      no_wallet: {
        title: "This wallet only looks on",
        text: "The wallet on this device can see and not spend, so it cannot open packets. Open the link on your other device.",
      },
      restoring: {
        title: "Your wallet is still being restored",
        text: "Until that is done nobody can tell whether you have opened this one. Open your wallet to see how far it is, then come back.",
      },
      failed: {
        title: "That did not work",
        text: "Something came out wrong here, so nothing was sent and nothing was taken. Try again.",
      },
      // Of this browser.
      storage_denied: {
        title: "This browser lets us store nothing",
        text: "Coins that cannot be stored would be lost, so we stop before any are taken. Allow cookies and storage for this page, or open the link in a normal window instead of a private one.",
      },
      storage_full: {
        title: "There is no room left",
        text: "This device cannot store anything new, so we stop before any coins move. Free some space, then try again.",
      },
      storage_newer: {
        title: "A newer version was here",
        text: "A newer version of the app has used the wallet of this device, and this page cannot read it. The packet waits. Load the page again.",
      },
      storage_broken: {
        title: "The stored wallet cannot be read",
        text: "Nothing was taken. Open your wallet: it says how to bring it back. The packet waits here.",
      },
      storage_lost: {
        title: "Your wallet is gone from here",
        text: "There was a wallet in this browser, and what it stored has been cleared. Open your wallet page: it brings it back or begins a new one. The packet waits here.",
      },
      storage_failed: {
        title: "Storing failed",
        text: "This device refused to store something, so we stopped to lose nothing. Free some space, then try again.",
      },
      open_elsewhere: {
        title: "Busy in another tab",
        text: "Another tab is using your wallet, and only one can at a time. The packet waits here.",
      },
      moved_to_other_tab: {
        title: "Your wallet went on in another tab",
        text: "What has begun here goes on there. You can bring it back to this tab at any time.",
      },
      no_crypto: {
        title: "This browser is too old",
        text: "It lacks what keys need, so we stop before any coins are taken. Copy the link and open it in a current browser.",
      },
      start_failed: {
        title: "Could not be loaded",
        text: "A part of this page did not arrive. Nothing was taken. Check the connection, then try again.",
      },
    },
  },
} as const;
