import type { Finder } from "./finding.ts";

/** Sites that change their role, come or go. */
export const roleFindings: Finder = (before, after) => [
  ...after.sites.flatMap(({ name, role }) => {
    const old = before.sites.find((site) => site.name === name);
    if (!old || old.role === role) return [];
    return [
      {
        weight: "dangerous" as const,
        subject: `site ${name}`,
        what: `becomes ${role}, and was ${old.role}: where data are written changes`,
        todo: "make the switch with the drill, which compares both sites first; never by this file alone",
      },
    ];
  }),
  ...before.sites.flatMap(({ name, zones }) => {
    const current = after.sites.find((site) => site.name === name);
    const lost = zones.filter((zone) => !current?.zones.some((each) => each.name === zone.name));
    return lost.map((zone) => ({
      weight: "dangerous" as const,
      subject: `zone ${name}-${zone.name}`,
      what: "is no longer declared: its stack, its hosts and all that they hold stay as they are, and nobody looks after them",
      todo: "empty it and destroy its stack before it leaves the file",
    }));
  }),
];
