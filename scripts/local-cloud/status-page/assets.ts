import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { projectRoot } from "../../../infra/bundle.ts";

const files: Readonly<Record<string, readonly [type: string, ...paths: string[]]>> = {
  // One look for all pages: the Worker's style, and what only this page has.
  "/_style.css": ["text/css; charset=utf-8", "worker/pages/style.css", fromHere("style.css")],
  "/_icon.svg": ["image/svg+xml", fromHere("icon.svg")],
};

/** Answers for a file that the page uses. It holds nothing of the cloud, so it needs no token. */
export async function serveAsset(path: string): Promise<Response> {
  const [type, ...paths] = files[path] ?? [];
  if (type === undefined) return new Response("Not found", { status: 404 });
  const texts = await Promise.all(paths.map((each) => readFile(join(projectRoot, each), "utf8")));
  const text = texts.join("\n");
  const isStyle = type.startsWith("text/css");
  const { code } = isStyle
    ? await transform(text, { loader: "css", minify: true })
    : { code: text };
  return new Response(code, {
    headers: {
      "content-type": type,
      "cache-control": "public, max-age=300",
      "x-content-type-options": "nosniff",
    },
  });
}

function fromHere(name: string): string {
  return join("scripts/local-cloud/status-page", name);
}
