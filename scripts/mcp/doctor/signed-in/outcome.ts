import type { Finding } from "../check.ts";

/** Ends a check from anywhere below it with what it found. */
export class Outcome extends Error {
  override readonly name = "Outcome";
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.reason);
    this.finding = finding;
  }
}
