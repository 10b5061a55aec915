import { createExamination } from "./examine.ts";
import { look } from "./look.ts";

/**
 * What the demo of a server of this project takes, as its home page says (`worker/pages/layout.tsx`).
 * @returns undefined where it is no demo, or nothing answers: the checks say why.
 */
export async function findDemo(
  origin: string,
): Promise<"any password" | "one password" | undefined> {
  const examination = createExamination({
    url: new URL(origin),
    signIn: { kind: "none", why: "Only the home page is read." },
  });
  try {
    const { text } = await look(examination, "/", { headers: { accept: "text/html" } });
    if (!text.includes("<strong>Demo sign-in.</strong>")) return undefined;
    return text.includes("one password") ? "one password" : "any password";
  } catch {
    return undefined;
  }
}
