import { isSameSecret } from "../constant-time.ts";
import { type MethodDeclaration, usual } from "./declaration.ts";
import {
  type FormMethod,
  type Identity,
  type IdentityContext,
  longestEmail,
  type SignInProblems,
} from "./identity.ts";

export const declaration = {
  ...usual,
  secrets: {
    demoPassword: {
      binding: "DEMO_PASSWORD",
      description:
        "The one password that the identity method demo takes. Default: any; a preview makes one itself.",
      isNeeded: false,
      shortest: 12,
    },
  },
  isOpen: true,
} as const satisfies MethodDeclaration;

/**
 * The demo: any email and any password, and the page says so. If the stack has a password of its own,
 * as one on the open Internet should, only that one. Nobody's address is checked either way. The
 * address is the person, so the same address is the same person on every client.
 */
export const method: FormMethod = {
  kind: "form",
  name: "demo",
  canRefuse: ({ DEMO_PASSWORD }) => DEMO_PASSWORD !== undefined,
  async signIn(form, { env }) {
    const email = readField(form, "email").trim().toLowerCase();
    const password = await checkPassword(readField(form, "password"), env);
    const problems: SignInProblems = {
      ...(!isEmail(email) && { email: "Enter an email address, like you@example.com." }),
      ...(password !== undefined && { password }),
    };
    if (Object.keys(problems).length > 0) return { email, problems };
    const identity: Identity = { method: "demo", issuer: "demo", subject: email, email };
    return { identity };
  },
};

async function checkPassword(
  given: string,
  { DEMO_PASSWORD: password }: IdentityContext["env"],
): Promise<string | undefined> {
  if (password === undefined) return given === "" ? "Enter any password." : undefined;
  if (given === "") return "Enter the password of this server.";
  if (await isSameSecret(given, password)) return undefined;
  return "This is not the password of this server. Ask whoever runs it.";
}

function readField(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** As much as a form field checks: something on both sides of one @, no spaces. */
function isEmail(text: string): boolean {
  return text.length <= longestEmail && /^[^\s@]+@[^\s@]+$/.test(text);
}
