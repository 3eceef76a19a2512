import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/** A full backup that turns out to be bad has another one before it. */
export function backupProblems({ backup: { fullEveryHours, keepDays } }: Environment): Problem[] {
  return keepDays * 24 >= 2 * fullEveryHours
    ? []
    : [
        {
          path: ["backup", "keepDays"],
          what: "fewer than two full backups would be kept",
          given: String(keepDays),
          allowed: `at least ${Math.ceil((2 * fullEveryHours) / 24)} with a full backup every ${fullEveryHours} hours`,
          fix: "keep them longer, or make them more often",
        },
      ];
}
