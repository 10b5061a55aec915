import { expect, type TestContext } from "vitest";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { sum } from "../fixture/tools/sum.ts";
import { Chromium } from "./chromium.ts";
import { inspectorEnvironment, requireInspector } from "./inspector.ts";
import { takePictures } from "./pictures.ts";
import { Program } from "./program.ts";
import { makeTempFolder } from "./temp-folder.ts";
import { toolNames } from "./tool-names.ts";

/** What the server offers that a person looks for in the Inspector. */
export interface ShownTools {
  /** How many tools there are. Default: the fixture's. */
  readonly count?: number;
  /** Title of a tool that adds `a` and `b`. Default: the fixture's. */
  readonly title?: string;
}

/**
 * What a person does with the Inspector's page: connects it to `/sse` of a server, logs in, lists the
 * tools and adds 2 and 40.5. Skips the test where there is no browser or no Inspector.
 */
export async function addUpInInspector(
  skip: TestContext["skip"],
  origin: string,
  { count = toolNames.length, title = sum.title }: ShownTools = {},
): Promise<void> {
  const program = requireInspector(skip);
  await using chromium = new Chromium();
  await using context = await chromium.open(skip);
  await using home = await makeTempFolder();
  await using inspector = new Program(program, ["--web"], {
    ...inspectorEnvironment(home.path),
    MCP_AUTO_OPEN_ENABLED: "false",
    CLIENT_PORT: String(await findFreePort()),
    // 0: any free port.
    MCP_SANDBOX_PORT: "0",
    MCP_APP_ORIGIN_PORT: "0",
  });
  const [, inspectorUrl = ""] = await inspector.waitFor(/running at:\s+(http\S+)/);
  const page = await context.newPage();

  // Add a server with transport type SSE.
  await page.goto(inspectorUrl);
  await page.getByRole("button", { name: "Add Servers" }).click();
  await page.getByRole("menuitem", { name: "Add manually" }).click();
  const dialog = page.getByRole("dialog", { name: "Add server" });
  await dialog.getByRole("textbox", { name: "Server ID" }).fill("example");
  await dialog.getByRole("textbox", { name: "Transport" }).click();
  await page.getByRole("option", { name: /^sse/ }).click();
  await dialog.getByRole("textbox", { name: "URL" }).fill(`${origin}/sse`);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });

  // Connect: the login page comes up, then the consent page, then the Inspector again.
  const connectSwitch = page.getByRole("switch", { name: '"example"' });
  await connectSwitch.press("Space");
  await page.waitForURL(`${origin}/authorize?**`);
  expect(await page.title()).toContain("Sign in");
  await takePictures(page, "inspector-sign-in");
  await page.getByLabel("Email").fill("anybody@example.com");
  await page.getByLabel("Password").fill("anything");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("anybody@example.com").waitFor();
  await takePictures(page, "inspector-consent");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.waitForURL(`${new URL(inspectorUrl).origin}/**`);

  // List the tools and call one.
  await page.getByText("Tools", { exact: true }).click();
  await page.getByRole("heading", { name: `Tools (${count})` }).waitFor();
  await page.getByRole("button", { name: /^Who am I/ }).waitFor();
  await page.getByRole("button", { name: new RegExp(`^${title}`) }).click();
  await page.getByRole("textbox", { name: "a", exact: true }).fill("2");
  await page.getByRole("textbox", { name: "b", exact: true }).fill("40.5");
  await page.getByRole("button", { name: "Execute Tool" }).click();
  await page.getByRole("heading", { name: "Results" }).waitFor();
  await page.getByText("42.5", { exact: true }).first().waitFor();
  await takePictures(page, "inspector-sum");
}
