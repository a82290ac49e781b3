/** What the static pages say before, and without, any script. Not part of the app's texts: they are in the HTML. */
export const landingTexts = {
  name: "Stegos",
  card: "Private payments and chat that open from a link",
  app: {
    title: "Stegos",
    words: [
      "Private payments and chat that open from a link.",
      "Your keys are made on this device and never leave it, so the app runs here and needs JavaScript. Allow it for this site, then load the page again.",
    ],
  },
  request: {
    title: "Payment request",
    words: [
      "This link asks somebody to pay. What it asks for stands behind the # of the address, and your browser sends it to nobody.",
      "So only this page can show it, on your device, and that needs JavaScript. Allow it for this site, or open the link in another browser. Nothing is paid before you say so.",
    ],
  },
  check: {
    title: "Check a proof of payment",
    words: [
      "This link holds a proof that somebody was paid. It stands behind the # of the address, and your browser sends it to nobody.",
      "So only this page can check it, on your device, and that needs JavaScript. Allow it for this site, or open the link in another browser. You need no wallet.",
    ],
  },
  claim: {
    title: "A red packet for you",
    words: [
      "Somebody put coins into this link. What opens them stands behind the # of the address, and your browser sends it to nobody.",
      "So only this page can open the packet, on your device, and that needs JavaScript. Allow it for this site, or open the link in another browser. Nothing is taken before you tap the seal.",
    ],
  },
  look: {
    title: "Explore",
    words: [
      "This link shows a block or a public payment of the network. Which one stands behind the # of the address, and your browser sends it to nobody.",
      "So only this page can show it. It checks on your device what it is told, and that needs JavaScript. Allow it for this site, or open the link in another browser. You need no wallet.",
    ],
  },
} as const;
