import { measureCode } from "../contestants.ts";
import type { Figure } from "../figure.ts";

/** The size of the code. */
export const bundle: Figure = {
  name: "bundle",
  title: "The Worker's code",
  metrics: {
    gzip: { label: "after gzip, as Cloudflare counts", unit: "KB" },
    raw: { label: "as it is uploaded", unit: "KB" },
  },
  mostRounds: 1,
  plan: () => [
    async ({ spec }) => {
      const { bytes, gzipBytes } = measureCode(spec);
      return { gzip: gzipBytes / 1000, raw: bytes / 1000 };
    },
  ],
};
