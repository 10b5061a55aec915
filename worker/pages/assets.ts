import type { WorkerSettings } from "../env.ts";
import script from "./copy.js?raw";
import { drawIcon } from "./icon.ts";
import style from "./style.css?inline";

interface Asset {
  readonly type: string;
  text(settings: WorkerSettings, icon: string | undefined): string;
}

const image: Asset = {
  type: "image/svg+xml",
  text: ({ server }, icon) => drawIcon(server.title, icon),
};

const assets: Readonly<Record<string, Asset>> = {
  "/style.css": { type: "text/css; charset=utf-8", text: () => style },
  "/copy.js": { type: "text/javascript; charset=utf-8", text: () => script },
  "/favicon.svg": image,
  // Clients and search engines ask for this path whatever the page says.
  "/favicon.ico": image,
};

/**
 * Answers a request for a file that the pages use; undefined for any other path.
 * @param icon the server's own drawing, as `drawIcon` takes it.
 */
export function serveAsset(
  pathname: string,
  { method }: Request,
  settings: WorkerSettings,
  icon?: string,
): Response | undefined {
  const asset = Object.hasOwn(assets, pathname) ? assets[pathname] : undefined;
  if (asset === undefined) return undefined;
  if (method !== "GET" && method !== "HEAD") {
    return new Response("Use GET.", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return new Response(method === "HEAD" ? null : asset.text(settings, icon), {
    headers: {
      "content-type": asset.type,
      // Short: after a deploy, page and style must fit each other again.
      "cache-control": "public, max-age=300",
      "x-content-type-options": "nosniff",
    },
  });
}
