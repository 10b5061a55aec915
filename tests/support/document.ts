import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Checkout } from "./checkout.ts";

/** A block of code in a document. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** A first line that says where the code goes: a whole file, or an entry of an object in one. */
const place = /^(?:\/\/|#|--) ([\w./-]+)(?:, in (\w+))?\n/;

/** The blocks of code of a document, in its order. */
export function readBlocks(markdown: string): CodeBlock[] {
  const fenced = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...fenced].map(([, language = "", text = ""]) => ({ language, text }));
}

/**
 * Does what a block says, in a checkout: writes its file, adds its entry, or runs its commands.
 * @throws Error for a command that fails, and for a block that says nothing that can be done.
 */
export async function carryOut({ language, text }: CodeBlock, checkout: Checkout): Promise<void> {
  if (language === "sh") {
    for (const command of text.trim().split("\n")) {
      const { code, stdout, stderr } = await checkout.runCommand(command);
      if (code !== 0) throw new Error(`${command} ended with ${code}:\n${stdout}${stderr}`);
    }
    return;
  }
  const [line = "", file, object] = place.exec(text) ?? [];
  if (file === undefined) throw new Error(`This block does not say where it goes:\n${text}`);
  const code = text.slice(line.length);
  if (object === undefined) {
    await mkdir(dirname(checkout.path(file)), { recursive: true });
    await checkout.write(file, code);
    return;
  }
  const before = await checkout.read(file);
  const end = new RegExp(`(const ${object} = (?:\\w+\\()?\\{\\n[\\s\\S]*?)^\\}`, "m");
  if (!end.test(before)) throw new Error(`${file} has no object ${object}.`);
  const indented = code.replace(/^(?=.)/gm, "  ");
  await checkout.write(
    file,
    before.replace(end, (_, entries: string) => `${entries}${indented}}`),
  );
}
