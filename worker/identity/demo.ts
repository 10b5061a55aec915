import type { FormMethod, Identity, SignInProblems } from "./identity.ts";

/** Longest address that SMTP can carry, in characters (RFC 5321 section 4.5.3.1.3). */
const longestEmail = 254;

/**
 * The demo: any email and any password. It checks nothing, and the page says so. The address is the
 * person, so the same address is the same person on every client.
 */
export const demo: FormMethod = {
  kind: "form",
  name: "demo",
  canRefuse: ({ DEMO_PASSWORD }) => DEMO_PASSWORD !== undefined,
  async signIn(form) {
    const email = readField(form, "email").trim().toLowerCase();
    const problems: SignInProblems = {
      ...(!isEmail(email) && { email: "Enter an email address, like you@example.com." }),
      ...(readField(form, "password") === "" && { password: "Enter any password." }),
    };
    if (Object.keys(problems).length > 0) return { email, problems };
    const identity: Identity = { method: "demo", issuer: "demo", subject: email, email };
    return { identity };
  },
};

function readField(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** As much as a form field checks: something on both sides of one @, no spaces. */
function isEmail(text: string): boolean {
  return text.length <= longestEmail && /^[^\s@]+@[^\s@]+$/.test(text);
}
