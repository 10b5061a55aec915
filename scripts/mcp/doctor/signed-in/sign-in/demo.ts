import type { HTMLElement } from "node-html-parser";
import { type Finding, failed } from "../../check.ts";
import type { Examination } from "../../examination.ts";
import { Outcome } from "../ask.ts";
import type { Attempt } from "../login.ts";
import { keepSecret } from "../state.ts";
import { HtmlBrowser, type Page, readForm } from "./html-browser.ts";
import type { SignInMethod } from "./index.ts";

/** Who signs in at a demo stack. The demo checks no address; nobody can have one in this domain. */
const email = "doctor@example.com";

/** Forms that a sign-in can take: sign-in, consent, and each of them once more. */
const mostForms = 4;

/**
 * Signs in at the mock login of a demo stack as a browser does: cookies, the sign-in form, the consent
 * form. One method keeps one browser, so a second sign-in only consents.
 * @param password of a stack that takes one only. Default: any will do.
 */
export function createDemoSignIn(password?: string): SignInMethod {
  let browser: HtmlBrowser | undefined;
  return async (examination, { url }: Attempt) => {
    keepSecret(examination, password);
    browser ??= new HtmlBrowser((target, init) => examination.fetch(target, init));
    let page = await browser.open(url);
    for (let forms = 0; page.leavesFor === undefined; forms++) {
      const form = findForm(page, forms);
      page = await browser.post(page, form.element, form.fill(password ?? "doctor"));
      if (form.step === "sign-in" && findStep(page, "sign-in") !== undefined) {
        throw new Outcome(explainRefusal(password));
      }
    }
    return checkTarget(page.leavesFor, examination);
  };
}

/** The form of the step in front, and how doctor fills it. */
function findForm(page: Page, forms: number) {
  const signIn = findStep(page, "sign-in");
  const consent = findStep(page, "consent");
  const element = signIn ?? consent;
  if (element === undefined || forms >= mostForms) throw new Outcome(explainPage(page));
  const target = new URL(element.getAttribute("action") ?? "", page.url);
  if (target.origin !== page.url.origin) {
    throw new Outcome(
      failed(
        `The form at ${page.url.pathname} posts to another origin, ${target.origin}.`,
        "Look at what is in front of the server: its own forms post to its own origin.",
      ),
    );
  }
  if (signIn !== undefined) {
    const fill = (password: string) => {
      const answers: Readonly<Record<string, string>> = { email, password };
      return readForm(element).map(([name, value]) => [name, answers[name] ?? value] as const);
    };
    return { step: "sign-in", element, fill } as const;
  }
  const approve = element
    .querySelectorAll("button")
    .find(
      (button) =>
        button.getAttribute("name") === "decision" && button.getAttribute("value") === "approve",
    );
  if (approve === undefined) throw new Outcome(explainPage(page));
  return { step: "consent", element, fill: () => readForm(element, approve) } as const;
}

/** The form of a step, by the hidden field that tells the forms of a page apart. */
function findStep({ root }: Page, step: string): HTMLElement | undefined {
  return root
    .querySelectorAll("form")
    .find((form) => form.querySelector("input[name=step]")?.getAttribute("value") === step);
}

/** The browser may be sent to this client only, not to another sign-in. */
function checkTarget(target: URL, { learned }: Examination): URL {
  const expected = learned.client?.redirectUri ?? "";
  if (`${target.origin}${target.pathname}` === expected) return target;
  throw new Outcome(
    failed(
      `The sign-in sends the browser to ${target.origin}${target.pathname}, not to the client at ${expected}.`,
      "If people sign in elsewhere, run doctor with --sign-in browser.",
    ),
  );
}

function explainRefusal(password: string | undefined): Finding {
  return password === undefined
    ? failed(
        "The sign-in page takes one password only, and doctor has none.",
        "Give doctor the stack's password in DEMO_PASSWORD, or run it with --sign-in browser.",
      )
    : failed(
        "The sign-in page refused the password.",
        "Compare it with the stack's: npx pulumi config get -s <stack> demoPassword; a preview made it itself: npx pulumi stack output -s <stack> demoPassword --show-secrets.",
      );
}

function explainPage({ status, url, title }: Page): Finding {
  const what = title === "" ? "a page without a title" : `the page "${title}"`;
  return failed(
    `The sign-in stopped at ${url.pathname}, which answered ${status} with ${what}.`,
    "Open that page in a browser, and look for its request in the log (npx wrangler tail).",
  );
}
