/**
 * Source of an entry that exports a Worker and, beside it, a stub for each class of another program
 * that still holds objects: Cloudflare refuses code without them (error 10064). A stub serves nothing
 * and touches no stored data; a class of its own each, since the runtime tells them by that.
 */
export function writeStubEntry(entryPoint: string, classes: readonly string[]): string {
  const path = JSON.stringify(`./${entryPoint}`);
  return [
    'import { DurableObject } from "cloudflare:workers";',
    `export * from ${path};`,
    `export { default } from ${path};`,
    "const createStub = () => class extends DurableObject {",
    "  fetch() {",
    '    return new Response("This object belongs to an earlier program. Its data is kept and not served.", { status: 410 });',
    "  }",
    // Without it the runtime would call the alarm again and again, and log an error each time.
    "  alarm() {}",
    "};",
    ...classes.map(
      (name, index) => `const stub${index} = createStub();\nexport { stub${index} as ${name} };`,
    ),
  ].join("\n");
}
