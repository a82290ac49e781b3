import { Person } from "./browser.ts";
import { removeDevnet, startDevnet, type Devnet } from "./devnet.ts";

/** How long a test waits for what a network of four takes a second or two for. */
export const FINAL_TIMEOUT_MS = 60_000;
/** What the faucet gives at a time, in µSTG. */
export const FAUCET_MICRO = 1_000_000_000n;

/** A local network of a test file and everybody who has come to it. */
export class People {
  readonly all: Person[] = [];
  devnet: Devnet;

  private constructor(devnet: Devnet) {
    this.devnet = devnet;
  }

  static async gather(start: () => Promise<Devnet> = startDevnet): Promise<People> {
    return new People(await start());
  }

  /** Somebody with a browser that has never been here; by default at the network's own page. */
  async arrive(name: string, url = this.devnet.url): Promise<Person> {
    const person = await Person.arrive(name, url);
    this.all.push(person);
    return person;
  }

  /** The same with a wallet that is up to date. */
  async arriveWithWallet(name: string, url = this.devnet.url): Promise<Person> {
    const person = await this.arrive(name, url);
    await person.makeWallet(FINAL_TIMEOUT_MS);
    return person;
  }

  /** Pages that asked somebody else, or broke their own policy. */
  get trespasses(): readonly string[] {
    return this.all.flatMap(({ strayRequests, violations }) => [...strayRequests, ...violations]);
  }

  /** Everybody goes, and the network ends as at Ctrl-C; its exit code. */
  async leave(): Promise<number | null> {
    for (const person of this.all) await person.leave();
    const code = await this.devnet.stop();
    await removeDevnet(this.devnet);
    return code;
  }
}
