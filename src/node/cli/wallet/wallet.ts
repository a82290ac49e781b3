import type { Arguments, OptionSpec } from "../arguments.ts";
import type { CommandGroup, CommandLeaf, CommandOutput } from "../command.ts";
import { DATA, NETWORK, NO_PASSPHRASE, TIMEOUT } from "./wallet-options.ts";
import type { WalletPlatform } from "./wallet-platform.ts";
import type { WalletContext } from "./wallet-session.ts";

type Run = (context: WalletContext) => Promise<void>;

const BIRTHDAY: OptionSpec = {
  name: "birthday",
  value: "DAY",
  help: "nothing was paid to it before, such as 2026-05-04; saves time",
};

/** `stegos wallet …`: a light wallet without a screen. Results are printed to the standard output, one a line. */
export function walletGroup(openPlatform: () => Promise<WalletPlatform>): CommandGroup {
  // Curves and libp2p take a second to load: only once a command runs, or every --help would wait for them.
  const leaf = (spec: Omit<CommandLeaf, "run">, load: () => Promise<Run>): CommandLeaf => ({
    ...spec,
    async run(args: Arguments, output: CommandOutput) {
      const [run, platform] = await Promise.all([load(), openPlatform()]);
      await run({ args, output, platform });
    },
  });
  return {
    name: "wallet",
    summary:
      "A wallet without a screen. Keys are kept under STEGOS_PASSPHRASE or one asked for. JSON amounts are µSTG.",
    commands: [
      leaf(
        {
          name: "create",
          summary: "Makes a wallet and shows its 24 words.",
          options: [DATA, NETWORK, TIMEOUT, NO_PASSPHRASE],
        },
        async () => (await import("./make-commands.ts")).create,
      ),
      leaf(
        {
          name: "restore",
          summary: "Makes a wallet from the 24 words that it reads from the standard input.",
          options: [
            DATA,
            NETWORK,
            TIMEOUT,
            NO_PASSPHRASE,
            BIRTHDAY,
            { name: "view-only", help: "read a view key instead: a wallet that sees and cannot spend" },
          ],
        },
        async () => (await import("./make-commands.ts")).restore,
      ),
      leaf(
        {
          name: "address",
          summary: "Prints an address to be paid at.",
          options: [DATA, NETWORK, TIMEOUT, { name: "fresh", help: "one that nobody has seen" }],
        },
        async () => (await import("./read-commands.ts")).address,
      ),
      leaf(
        { name: "balance", summary: "Prints the verified balance.", options: [DATA, NETWORK, TIMEOUT] },
        async () => (await import("./read-commands.ts")).balance,
      ),
      leaf(
        {
          name: "send",
          summary: "Pays, and waits until the payment is final.",
          options: [
            DATA,
            NETWORK,
            TIMEOUT,
            { name: "to", value: "ADDRESS", help: "who is paid; or the link of a request" },
            { name: "amount", value: "STG", help: "how much, such as 12.5; not needed where a request says it" },
            { name: "note", value: "TEXT", help: "what only the payee reads; other users of this machine may see it" },
            { name: "no-wait", help: "end as soon as a node has taken it" },
          ],
        },
        async () => (await import("./pay-commands.ts")).send,
      ),
      leaf(
        {
          name: "request",
          summary: "Asks to be paid, at an address of its own: prints a link to pass on.",
          options: [
            DATA,
            NETWORK,
            TIMEOUT,
            { name: "amount", value: "STG", help: "how much; without it the payer chooses" },
            { name: "note", value: "TEXT", help: "what it is for; 64 bytes with the reference, in the link" },
            { name: "reference", value: "TEXT", help: "the number of an invoice or an order" },
            { name: "expires", value: "HOURS", help: "when it ends (168); 0 for never" },
          ],
        },
        async () => (await import("./request-commands.ts")).request,
      ),
      leaf(
        {
          name: "requests",
          summary: "Prints what this wallet asks for, and what has come for it, newest first.",
          options: [DATA, NETWORK, TIMEOUT, { name: "cancel", value: "ID", help: "ask for this one no more" }],
        },
        async () => (await import("./request-commands.ts")).requests,
      ),
      leaf(
        {
          name: "packet",
          summary: "Makes a red packet, waits until it is final, and prints its link.",
          options: [
            DATA,
            NETWORK,
            TIMEOUT,
            { name: "amount", value: "STG", help: "of all shares together" },
            { name: "shares", value: "N", help: "how many can open it, by chance; 64 at most" },
            { name: "equal", help: "the same share for everybody" },
            { name: "gift", help: "instead: all of it for whoever opens it first" },
            {
              name: "minutes",
              value: "N",
              help: "what is left comes back after so long (a day, or as long as packets live)",
            },
            { name: "greeting", value: "TEXT", help: "whoever has the link reads it; 102 bytes" },
            { name: "password", value: "TEXT", help: "asked for as well; other users of this machine may see it" },
            { name: "work", value: "BITS", help: "opening takes tries, for packets in public places" },
          ],
        },
        async () => (await import("./packet-commands.ts")).packet,
      ),
      leaf(
        {
          name: "packets",
          summary: "Prints the red packets that this wallet has made and opened, newest first.",
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./packet-commands.ts")).packets,
      ),
      leaf(
        {
          name: "open",
          summary: "Opens a red packet by its link, read from the standard input, and waits for its share.",
          options: [DATA, NETWORK, TIMEOUT, { name: "password", value: "TEXT", help: "where it asks for one" }],
        },
        async () => (await import("./packet-commands.ts")).open,
      ),
      leaf(
        {
          name: "take-back",
          summary: "Takes back what nobody has opened yet of a packet, or a gift.",
          words: ["ID"],
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./packet-commands.ts")).takeBack,
      ),
      leaf(
        {
          name: "stake",
          summary: "Locks coins for a validator, and waits until that is final; its key has to accept them.",
          options: [
            DATA,
            NETWORK,
            TIMEOUT,
            { name: "amount", value: "STG", help: "how much to lock" },
            { name: "validator", value: "FILE", help: "a key file of this machine, which accepts at once" },
            {
              name: "validator-key",
              value: "HEX",
              help: "or the public half of a key elsewhere: prints an offer to it",
            },
            { name: "acceptance", value: "TEXT", help: "and then what `stegos key accept` answers to the offer" },
          ],
        },
        async () => (await import("./stake-commands.ts")).stake,
      ),
      leaf(
        {
          name: "unstake",
          summary: "Asks for a stake back; it stays locked for a while. The fee is taken from it.",
          words: ["STAKE"],
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./stake-commands.ts")).unstake,
      ),
      leaf(
        {
          name: "withdraw",
          summary: "Turns a stake that is released into coins.",
          words: ["STAKE"],
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./stake-commands.ts")).withdraw,
      ),
      leaf(
        {
          name: "stakes",
          summary: "Prints the stakes of this wallet, a line each.",
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./stake-commands.ts")).stakes,
      ),
      leaf(
        {
          name: "history",
          summary: "Prints what came and went, newest first.",
          options: [DATA, NETWORK, TIMEOUT, { name: "csv", help: "as a table for spreadsheets" }],
        },
        async () => (await import("./read-commands.ts")).history,
      ),
      leaf(
        { name: "scan", summary: "Prints payments as they become final, until Ctrl-C.", options: [DATA, NETWORK] },
        async () => (await import("./read-commands.ts")).scan,
      ),
      leaf(
        {
          name: "checkpoint",
          summary: "Prints the newest block that this wallet vouches for, as height and 12 words.",
          options: [DATA, NETWORK, TIMEOUT, { name: "enter", help: "read one that somebody trusted shows instead" }],
        },
        async () => (await import("./checkpoint-command.ts")).checkpoint,
      ),
      leaf(
        {
          name: "prove",
          summary: "Prints a receipt for a payment of this wallet: one line that anybody can check.",
          words: ["TXID"],
          options: [DATA, NETWORK, TIMEOUT],
        },
        async () => (await import("./pay-commands.ts")).prove,
      ),
      leaf(
        {
          name: "verify-proof",
          summary: "Checks such a receipt against the chain. Needs no wallet.",
          words: ["TEXT"],
          options: [{ ...DATA, help: "not needed: nothing of a wallet is used" }, NETWORK, TIMEOUT],
        },
        async () => (await import("./verify-command.ts")).verifyProof,
      ),
      leaf(
        { name: "words", summary: "Shows the 24 words again.", options: [DATA] },
        async () => (await import("./make-commands.ts")).words,
      ),
      leaf(
        {
          name: "view-key",
          summary: "Prints a key that sees what others pay this wallet, and cannot spend.",
          options: [DATA, { name: "all", help: "one that sees change and the balance as well" }],
        },
        async () => (await import("./make-commands.ts")).viewKey,
      ),
    ],
  };
}

/** The wallet commands of this process. */
export const wallet = walletGroup(async () => (await import("./wallet-platform.ts")).systemPlatform);
