import { type HTMLElement, parse } from "node-html-parser";
import { CookieJar } from "tough-cookie";

/** Redirects a browser follows before it gives up. */
const longestRedirectChain = 10;

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly title: string;
  /** The text of the page, as a person reads it. */
  readonly text: string;
  readonly root: HTMLElement;
  /** Set if the server sends the browser to another origin: the client. It is not followed. */
  readonly leavesFor: URL | undefined;
}

/** The values of a form, in the order of the page. */
export type FormValues = readonly (readonly [name: string, value: string])[];

type Navigation = RequestInit & { readonly headers: FormHeaders };

/** Reaches a server. It is asked not to follow redirects. */
export type RequestPage = (url: URL, init: RequestInit) => Promise<Response>;

/** Headers by which a browser says who caused a request, beside those every request has. */
export type FormHeaders = Readonly<Record<string, string>>;

/** A browser's headers for an address that was typed, or that a program opened. */
const fromPerson: FormHeaders = { "sec-fetch-site": "none" };

/**
 * A browser without scripts: fetch, a cookie jar and an HTML parser. It sends what a browser sends
 * and keeps what a browser keeps, so it has no way in that a person has not.
 */
export class HtmlBrowser {
  /** `http://localhost` counts as secure, as in every browser, so `__Host-` cookies are kept. */
  readonly #cookies = new CookieJar(undefined, {
    allowSecureOnLocal: true,
    prefixSecurity: "strict",
  });
  readonly #request: RequestPage;

  /** @param request reaches the servers. Default: fetch. */
  constructor(request: RequestPage = fetch) {
    this.#request = request;
  }

  /**
   * Opens a URL as if it was typed, or followed from a program.
   * @param headers replace those by which a browser says so.
   */
  open(url: string | URL, headers = fromPerson): Promise<Page> {
    return this.#navigate(new URL(url), { headers });
  }

  /**
   * Posts a form of a page to where the form says.
   * @param headers replace those by which a browser says where a form comes from.
   */
  post(page: Page, form: HTMLElement, values: FormValues, headers?: FormHeaders): Promise<Page> {
    const target = new URL(form.getAttribute("action") ?? "", page.url);
    return this.#navigate(target, {
      method: "POST",
      body: new URLSearchParams(values.map(([name, value]): [string, string] => [name, value])),
      headers: headers ?? { origin: page.url.origin, "sec-fetch-site": "same-origin" },
    });
  }

  /** The values of the cookies it would send to a URL. */
  async listCookieValues(url: string | URL): Promise<string[]> {
    const cookies = await this.#cookies.getCookies(String(url));
    return cookies.map(({ value }) => value);
  }

  /** The `Cookie` header it would send to a URL, for a request that no page can cause. */
  readCookies(url: string | URL): Promise<string> {
    return this.#cookies.getCookieString(String(url));
  }

  async #navigate(start: URL, firstRequest: Navigation): Promise<Page> {
    let url = start;
    let request: Navigation = firstRequest;
    for (let hops = 0; hops <= longestRedirectChain; hops++) {
      const response = await this.#fetch(url, request);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        return toPage(url, response, await response.text(), undefined);
      }
      const next = new URL(location, url);
      if (next.origin !== start.origin) {
        return toPage(url, response, await response.text(), next);
      }
      url = next;
      // Every redirect of this server is a 303: the form is dropped. Who caused it stays the same.
      const { "sec-fetch-site": site } = firstRequest.headers;
      request = { headers: site === undefined ? {} : { "sec-fetch-site": site } };
    }
    throw new Error(
      `The server redirected more than ${longestRedirectChain} times, last to ${url}`,
    );
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const cookie = await this.#cookies.getCookieString(url.href);
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await this.#request(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      await this.#cookies.setCookie(line, url.href);
    }
    return response;
  }
}

/**
 * What a browser sends for a form when a button is pressed. It does not hold back a form whose
 * required fields are empty: what the server makes of those is ours to test.
 * @param button the pressed one; undefined for the Enter key, which presses the first.
 */
export function readForm(form: HTMLElement, button?: HTMLElement): FormValues {
  const pressed = button ?? form.querySelector("button[type=submit]");
  const controls = form.querySelectorAll("input, button, select");
  return controls
    .filter((control) => control.tagName !== "BUTTON" || control === pressed)
    .filter((control) => !isUnticked(control))
    .flatMap((control) => {
      const name = control.getAttribute("name");
      return name === undefined ? [] : [[name, readValue(control)] as const];
    });
}

/** Of a list, the first choice if none was made. */
function readValue(control: HTMLElement): string {
  const chosen =
    control.tagName === "SELECT"
      ? (control.querySelector("option[selected]") ?? control.querySelector("option"))
      : control;
  return chosen?.getAttribute("value") ?? "";
}

function isUnticked(control: HTMLElement): boolean {
  return control.getAttribute("type") === "checkbox" && !control.hasAttribute("checked");
}

/** A page in a few lines, for the message of a failed expectation. */
export function describePage({ status, url, title, text, leavesFor }: Page): string {
  if (leavesFor !== undefined) return `${status} from ${url.pathname}, leaving for ${leavesFor}`;
  return `${status} from ${url.pathname}, titled "${title}":\n${text.slice(0, 1000)}`;
}

function toPage(url: URL, response: Response, html: string, leavesFor: URL | undefined): Page {
  const root = parse(html);
  return {
    url,
    status: response.status,
    headers: response.headers,
    title: root.querySelector("title")?.text ?? "",
    text: (root.querySelector("body") ?? root).structuredText,
    root,
    leavesFor,
  };
}
