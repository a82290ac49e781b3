export const proofTexts = {
  proof: {
    open: "Proof of payment",
    title: "Proof of payment",
    lead: "With this link anybody can check that you paid. It needs no wallet.",
    amount: "Amount",
    to: "To",
    qr: "QR code of the proof",
    shows: "Whoever has it sees who got how much, when, and the note, and can pass it on. It cannot be taken back.",
    copyLink: "Copy the link",
    copyText: "Copy the proof alone",
    problems: {
      unknown_payment:
        "There is no proof on this device: the payment was made elsewhere, or before the wallet was restored.",
      not_final: "There is no proof yet. It can be made as soon as the payment is done.",
      proof_lost: "There is no proof. This payment is from a version of the app that did not keep what a proof needs.",
      failed: "The proof could not be made. Your coins are safe. Close this and try again.",
    },
  },
  check: {
    title: "Check a proof of payment",
    lead: "See for yourself whether somebody was paid. No wallet is needed.",
    proof: "Proof",
    hint: "Link or text of the proof",
    missing: "Paste a proof first.",
    check: "Check",
    checking: "Checking",
    private: "The check is made on this device. Nobody learns which payment you looked at.",
    amount: "Amount",
    to: "To",
    time: "Time",
    block: "Block",
    valid: {
      title: "This payment was made",
      text: "The coins are final on the chain, and they pay this amount to this address.",
      note: "Compare the address with the one you know. Who paid is not part of the proof.",
    },
    unchecked: {
      title: "Not certain yet",
      reasons: {
        offline: "The proof fits together, but the network cannot be asked right now whether the payment became final.",
        too_old: "The proof fits together, but the coins were passed on so long ago that no node still shows them.",
        checkpoint_too_old:
          "The proof fits together, but this device has not looked at the chain for too long to know which answers are right. Enter a checkpoint in the settings, from somebody you trust.",
        fork: "The proof fits together, but the network has split in two and this app has stopped. Nobody can say which half counts.",
      },
    },
    invalidTitle: "This proves nothing",
    failedTitle: "Not checked",
    problems: {
      not_a_proof: "This is no proof of payment, or a part of it is missing. Ask for the whole link.",
      wrong_network: "This proof is from another network than this app’s.",
      does_not_pay: "The proof is forged: no coins pay this amount to this address.",
      not_on_chain: "No such coins are on the chain. The payment never became final.",
      failed: "The check did not come to an end. Nothing is wrong with the proof because of that. Try again.",
    },
  },
} as const;
