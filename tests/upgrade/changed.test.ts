import { expect, test } from "vitest";
import { findExtent } from "../../scripts/ownership/changed.ts";
import { writeUpstream } from "../../scripts/ownership/upstream.ts";
import { Repository } from "./repository.ts";
import { smallUpstream } from "./small.ts";

test("a server's workflow runs the whole only where files changed that are not its own", async () => {
  await using server = await Repository.of(smallUpstream);
  const start = await server.git("rev-parse", "HEAD");
  await server.commit("Mine", { "tools/orders.ts": "export const orders = 1;\n" });
  // It is this project itself.
  expect(await findExtent(server.path, start)).toBe("whole");

  await writeUpstream(server.path, { from: "/upstream", version: "1.0.0" });
  const mine = await server.commit("Made from upstream", { "tools/sample.ts": undefined });
  expect(await findExtent(server.path, start)).toBe("mine");

  for (const path of ["index.ts", "ownership.json", "package.json"]) {
    await server.git("reset", "--quiet", "--hard", mine);
    await server.commit("Ours", { [path]: `${await server.read(path)}\n` });
    expect(await findExtent(server.path, start), path).toBe("whole");
  }
  await server.git("reset", "--quiet", "--hard", mine);
  // A file of ours that moved among theirs is gone from ours.
  await server.git("mv", "index.ts", "tools/moved.ts");
  await server.commit("Move", {});
  expect(await findExtent(server.path, start)).toBe("whole");

  await server.git("reset", "--quiet", "--hard", mine);
  for (const unknown of ["", "0".repeat(40), "--output=made", "main~99"]) {
    expect(await findExtent(server.path, unknown), unknown).toBe("whole");
  }
  expect(await server.git("status", "--porcelain")).toBe("");
});
