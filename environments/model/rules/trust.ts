import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/** An authority is known by its name. */
export function authorityNameProblems({ trust }: Environment): Problem[] {
  const names = trust.authorities.map((authority) => (typeof authority === "string" ? authority : authority.name));
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            path: ["trust", "authorities", index],
            what: "the same authority twice",
            given: name,
            allowed: "a name of its own",
            fix: "remove it, or give a new authority a new name",
          },
        ],
  );
}

/** A certificate has a time in which it is not renewed, and ends before the authority that signed it. */
export function lifetimeProblems({ trust: { newAuthorities, certificates } }: Environment): Problem[] {
  const problems: Problem[] = [];
  if (certificates.renewDays >= certificates.lifetimeDays) {
    problems.push({
      path: ["trust", "certificates", "renewDays"],
      what: "every up would renew every certificate",
      given: String(certificates.renewDays),
      allowed: `less than lifetimeDays, ${certificates.lifetimeDays}`,
      fix: "about a sixth of lifetimeDays",
    });
  }
  if (certificates.lifetimeDays >= newAuthorities.lifetimeDays) {
    problems.push({
      path: ["trust", "certificates", "lifetimeDays"],
      what: "certificates would outlive the authority that signs them",
      given: String(certificates.lifetimeDays),
      allowed: `less than newAuthorities.lifetimeDays, ${newAuthorities.lifetimeDays}`,
      fix: "let authorities live longer, ten years as a rule",
    });
  }
  return problems;
}
