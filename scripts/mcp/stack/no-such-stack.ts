import { UserError } from "../../errors.ts";

/** The backend has no stack of this name. In a file of its own: who throws it need not load Pulumi's SDK. */
export class NoSuchStack extends UserError {
  constructor(stack: string) {
    super(
      `--stack: there is no stack "${stack}" in this Pulumi backend. \`npx pulumi stack ls\` lists those there are; \`npx pulumi whoami -v\` says which backend it is.`,
    );
  }
}
