import type { HTMLElement } from "node-html-parser";
import {
  describePage,
  type FormHeaders,
  type FormValues,
  HtmlBrowser,
  type Page,
  readForm,
} from "../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";

/** What a person answers on the consent page. */
export type Decision = "approve" | "deny";

/** How a person goes through an authorization. */
export interface AuthorizeOptions {
  /** Default: approve. */
  readonly decision?: Decision;
  /**
   * Goes on to the client's redirect URI, as a browser does, so that a client which listens there
   * gets the code. Without it only the URL is returned.
   */
  readonly followToClient?: boolean;
}

/** A person in front of a browser of their own. They can do only what the pages let them do. */
export class Person {
  readonly email: string;
  readonly password: string;
  readonly browser = new HtmlBrowser();
  readonly #history: Page[] = [];

  constructor(email: string, password = `pass-of-${email}`) {
    this.email = email;
    this.password = password;
  }

  /** The page in front of the person. */
  get page(): Page {
    const page = this.#history.at(-1);
    if (page === undefined) throw new Error(`${this.email} has not opened a page yet.`);
    return page;
  }

  /** Opens a URL. @param headers see `HtmlBrowser.open`. */
  async visit(url: string | URL, headers?: FormHeaders): Promise<Page> {
    return this.#turnTo(await this.browser.open(url, headers));
  }

  /** Goes back to the page before, as it was: browsers do not load it anew. */
  back(): Page {
    this.#history.pop();
    return this.page;
  }

  /**
   * Fills in the form of one step and sends it.
   * @param step value of the hidden field that tells the forms of a page apart.
   * @param answers replace what the form holds; the name of a button presses the one of that value.
   * @param headers see `HtmlBrowser.post`.
   * @throws Error with the page, where it has no such form, field or button.
   */
  async submit(
    step: string,
    answers: Readonly<Record<string, string>> = {},
    headers?: FormHeaders,
  ): Promise<Page> {
    const form = this.#findForm(step);
    const values = this.#fill(form, answers);
    return this.#turnTo(await this.browser.post(this.page, form, values, headers));
  }

  /** Ticks or unticks a box of the page in front. @throws Error where there is none. */
  setTick(name: string, value: string, isTicked: boolean): void {
    const boxes = this.page.root.querySelectorAll("input[type=checkbox]");
    const box = boxes.find(
      (input) => input.getAttribute("name") === name && input.getAttribute("value") === value,
    );
    if (box === undefined) throw this.#unexpected(`a box "${name}" of "${value}"`);
    if (isTicked) box.setAttribute("checked", "");
    else box.removeAttribute("checked");
  }

  /** Signs in on the sign-in page. */
  signIn(): Promise<Page> {
    return this.submit("sign-in", { email: this.email, password: this.password });
  }

  /** Answers on the consent page. */
  decide(decision: Decision): Promise<Page> {
    return this.submit("consent", { decision });
  }

  /**
   * Opens a client's authorization URL, signs in where that is asked, decides on the consent page.
   * @returns the URL the browser is sent to: the client's redirect URI with a code or an error.
   * @throws Error with the page, where the server does something else.
   */
  async authorize(url: string | URL, options: AuthorizeOptions = {}): Promise<URL> {
    const { decision = "approve", followToClient = false } = options;
    await this.visit(url);
    if (this.sees("sign-in")) await this.signIn();
    if (this.page.leavesFor === undefined) await this.decide(decision);
    const { leavesFor } = this.page;
    if (leavesFor === undefined) throw this.#unexpected("a redirect to the client");
    if (followToClient) {
      const response = await fetch(leavesFor);
      if (!response.ok) {
        throw new Error(
          `The client's callback answered ${response.status}: ${await response.text()}`,
        );
      }
    }
    return leavesFor;
  }

  /** Whether the page in front of the person has the form of a step. */
  sees(step: string): boolean {
    return this.#forms().some((form) => readStep(form) === step);
  }

  #turnTo(page: Page): Page {
    this.#history.push(page);
    return page;
  }

  #forms(): HTMLElement[] {
    return this.page.root.querySelectorAll("form");
  }

  #findForm(step: string): HTMLElement {
    const form = this.#forms().find((candidate) => readStep(candidate) === step);
    if (form === undefined) throw this.#unexpected(`a page with the form "${step}"`);
    return form;
  }

  #fill(form: HTMLElement, answers: Readonly<Record<string, string>>): FormValues {
    const buttons = form.querySelectorAll("button");
    const pressed = Object.entries(answers).find(([name]) =>
      buttons.some((candidate) => candidate.getAttribute("name") === name),
    );
    const button = pressed && buttons.find((candidate) => isButton(candidate, ...pressed));
    if (pressed !== undefined && button === undefined) {
      throw this.#unexpected(`a button for the ${pressed[0]} "${pressed[1]}"`);
    }
    const values = readForm(form, button);
    for (const name of Object.keys(answers)) {
      if (!values.some(([field]) => field === name)) throw this.#unexpected(`a field "${name}"`);
    }
    return values.map(([name, value]) => [name, answers[name] ?? value]);
  }

  #unexpected(expected: string): Error {
    return new Error(`${this.email} expected ${expected}, but got ${describePage(this.page)}`);
  }
}

function isButton(button: HTMLElement, name: string, value: string): boolean {
  return button.getAttribute("name") === name && button.getAttribute("value") === value;
}

function readStep(form: HTMLElement): string | undefined {
  return form.querySelector("input[name=step]")?.getAttribute("value");
}
