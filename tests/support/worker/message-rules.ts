/** The rules of `npm run check:tools` for messages, for tests beside a tool. */
export { findMessageProblems } from "../../../scripts/check-tools/error-rules.ts";
