/** Which test follows which document: it takes the blocks from the document itself. */
export const walks: Readonly<Record<string, string>> = {
  "docs/admin.md": "tests/cloud/documents/operate.test.ts",
  "docs/adopt.md": "tests/cloud/documents/adopt.test.ts",
  "docs/clients.md": "tests/cloud/documents/operate.test.ts",
  "docs/deploy.md": "tests/cloud/documents/deploy.test.ts",
  "docs/drift.md": "tests/cloud/documents/deploy.test.ts",
  "docs/first-hour.md": "tests/cloud/documents/first-hour.test.ts",
  "docs/identity.md": "tests/cloud/documents/identity.test.ts",
  "docs/local-cloud.md": "tests/cloud/documents/local-cloud.test.ts",
  "docs/machines.md": "tests/cloud/documents/operate.test.ts",
  "docs/new-server.md": "tests/cloud/documents/new-server.test.ts",
  "docs/previews.md": "tests/cloud/documents/previews.test.ts",
  "docs/runbook.md": "tests/cloud/documents/operate.test.ts",
  "docs/tools.md": "tests/dev/tools-document.test.ts",
};
