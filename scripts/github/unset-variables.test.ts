import { expect, test } from "vitest";
import { dropUnsetVariables } from "./unset-variables.ts";

test("in a workflow a secret that nobody has set does not count as an empty passphrase; elsewhere it is what it is", () => {
  const variables = {
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_BACKEND_URL: "s3://state",
    AWS_ACCESS_KEY_ID: "",
    OTHER: "",
  };
  const atGitHub: NodeJS.ProcessEnv = { ...variables, GITHUB_ACTIONS: "true" };
  dropUnsetVariables(atGitHub);
  expect(atGitHub).toEqual({ PULUMI_BACKEND_URL: "s3://state", OTHER: "", GITHUB_ACTIONS: "true" });
  const elsewhere: NodeJS.ProcessEnv = { ...variables };
  dropUnsetVariables(elsewhere);
  expect(elsewhere).toEqual(variables);
});
