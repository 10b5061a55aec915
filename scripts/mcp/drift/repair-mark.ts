import { createHash } from "node:crypto";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { readCommit } from "../../../infra/version.ts";
import { readJson } from "../../json.ts";
import { readStackFile } from "../../stack-file/read.ts";
import { toConfigText } from "../../stack-file/value.ts";
import { isDeclaredType } from "../stack/declared.ts";
import { Properties } from "../stack/properties.ts";
import { readSettingsFile, toSettingsFile } from "../stack/settings-file.ts";
import type { ProjectStack } from "../stack/stack.ts";

/** Tag of a stack whose repair was begun and has not finished. */
export const repairTag = "mcp:repair";

/** The content of such a tag. It holds only digests: a tag is no place for settings. */
const markSchema = z.object({
  began: z.iso.datetime(),
  /** SHA-256 of what the checkout's program declares, the bundle's own hash among it. */
  program: z.string(),
  /** SHA-256 of the stack's settings, secret ones as they are encrypted. */
  settings: z.string(),
  /** Commit of the checkout; empty outside of Git. */
  commit: z.string(),
});

/** When a repair was begun, and with what. */
export type RepairMark = z.infer<typeof markSchema>;

/** The mark as a tag's value: Pulumi Cloud takes 256 characters. */
export function formatRepairMark({ began, program, settings, commit }: RepairMark): string {
  return [began, program, settings, commit].join(" ").trimEnd();
}

/** @returns undefined for a value that no repair has written. */
export function parseRepairMark(value: string): RepairMark | undefined {
  const [began, program, settings, commit = ""] = value.split(" ");
  return markSchema.safeParse({ began, program, settings, commit }).data;
}

export async function createRepairMark(stack: ProjectStack, program: string): Promise<RepairMark> {
  return {
    began: new Date().toISOString(),
    program,
    settings: await digestSettings(stack),
    commit: (await readCommit()) ?? "",
  };
}

/** Settings, as far as they can be compared without keeping what is secret in them. */
async function digestSettings(stack: ProjectStack): Promise<string> {
  const [values, encrypted] = await Promise.all([stack.config(), readEncrypted(stack)]);
  const entries = Object.entries(values)
    .map(([name, { value, secret }]) => [name, secret ? (encrypted[name] ?? "secret") : value])
    .toSorted(([one = ""], [other = ""]) => (one < other ? -1 : 1));
  return digest(entries);
}

/** The settings as they stand in the stack's file: what is secret in them is encrypted there. */
async function readEncrypted({
  shortName,
  project,
}: ProjectStack): Promise<Readonly<Record<string, unknown>>> {
  const text = await readSettingsFile(shortName);
  const values = readStackFile(text, toSettingsFile(shortName), project);
  return Object.fromEntries(
    [...values].map(([key, value]) => [key, readJson(toConfigText(value))]),
  );
}

/** Types whose inputs do not depend on the account's present state, as the id of a resource to be made does. */
const ownToProgram: readonly string[] = [
  "compatibilityDate",
  "compatibilityFlags",
  "contentSha256",
  "enabled",
  "hostname",
  "logpush",
  "name",
  "observability",
  "pattern",
  "previewsEnabled",
  "schedules",
  "tailConsumers",
  "title",
];

/** Collects what a preview says that the program declares. */
export class ProgramDigest {
  readonly #declared = new Map<string, unknown>();

  take({ resourcePreEvent }: EngineEvent): void {
    const metadata = resourcePreEvent?.metadata;
    if (metadata?.new === undefined || !isDeclaredType(metadata.type)) return;
    const inputs = new Properties(metadata.new.inputs);
    this.#declared.set(
      metadata.urn,
      ownToProgram.map((name) => inputs.find(name, z.unknown()) ?? null),
    );
  }

  /** SHA-256 in hex. */
  get sha256(): string {
    return digest([...this.#declared].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
