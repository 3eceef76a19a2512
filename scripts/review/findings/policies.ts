import type { Finding } from "./finding.ts";

/** What judges a change, changed with it: nobody but a reader can say what it lets pass now. */
export const policyFindings = (files: readonly string[]): Finding[] =>
  files
    .filter((file) => file.startsWith("policies/"))
    .map((file) => ({
      weight: "care",
      subject: file,
      what: "judges differently, or may do so",
      todo: "read the difference: what it no longer refuses, no page shows",
    }));
