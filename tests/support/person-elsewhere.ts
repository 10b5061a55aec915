import { type AuthorizeOptions, Person } from "./person.ts";

/** Goes through another server's sign-in. @returns the URL that it sends the browser back to. */
export type SignInElsewhere = (url: URL) => Promise<URL>;

/** A person who signs in at another server: after the consent page, their browser goes there and comes back. */
export class PersonElsewhere extends Person {
  /** May be set to another account. */
  signInElsewhere: SignInElsewhere;

  constructor(signInElsewhere: SignInElsewhere) {
    super("nobody@example.com");
    this.signInElsewhere = signInElsewhere;
  }

  override async authorize(url: string | URL, options: AuthorizeOptions = {}): Promise<URL> {
    const { decision = "approve" } = options;
    await this.visit(url);
    // Who signs people in may stand before the consent page or behind it.
    await this.goElsewhere();
    if (this.sees("consent")) await this.decide(decision);
    await this.goElsewhere();
    const { leavesFor } = this.page;
    if (leavesFor !== undefined) return leavesFor;
    throw new Error(`The sign-in ended at a page (${this.page.status}): ${this.page.text}`);
  }

  /** Where the browser was sent to the other server: signs in there and comes back. */
  async goElsewhere(): Promise<void> {
    const { leavesFor } = this.page;
    if (leavesFor?.protocol !== "https:") return;
    await this.visit(await this.signInElsewhere(leavesFor));
  }
}
