import { isDeepStrictEqual } from "node:util";
import type { Topology } from "../../../environments/model/topology.ts";
import { volumesOf } from "../../../environments/model/volumes.ts";
import type { Finder, Finding, Weight } from "./finding.ts";

interface Setting {
  readonly subject: string;
  readonly of: (topology: Topology) => unknown;
  /** Of a change that a reviewer need not look at: undefined. */
  readonly judge: (
    was: never,
    is: never,
  ) => { readonly weight: Weight; readonly what: string; readonly todo: string } | undefined;
}

const from = (was: unknown, is: unknown): string => `from ${text(was)} to ${text(is)}`;
const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const lower =
  (weight: Weight, todo: string): Setting["judge"] =>
  (was: number, is: number) =>
    is < was ? { weight, what: from(was, is), todo } : undefined;
const higher =
  (weight: Weight, todo: string): Setting["judge"] =>
  (was: number, is: number) =>
    is > was ? { weight, what: from(was, is), todo } : undefined;
const any =
  (weight: Weight, todo: string): Setting["judge"] =>
  (was, is) => ({ weight, what: from(was, is), todo });

/** Settings whose change is a promise that changes, or a work on every host. */
const settings: readonly Setting[] = [
  {
    subject: "availability",
    of: ({ availability }) => availability,
    judge: any(
      "care",
      "compare the predicted outages; every service that detects failures takes up new timings, one host at a time",
    ),
  },
  { subject: "stage", of: ({ stage }) => stage, judge: any("dangerous", "production is held to more rules; leave it so") },
  {
    subject: "machines",
    of: ({ machines }) => machines,
    judge: any("dangerous", "a platform's machines are of one kind for good"),
  },
  {
    subject: "flavors",
    of: ({ flavors }) => flavors,
    judge: any("dangerous", "another product reads no data of the one before: move the data first"),
  },
  { subject: "recovery time", of: ({ objectives }) => objectives.rtoMinutes, judge: higher("care", "the business has to agree") },
  {
    subject: "recovery point",
    of: ({ objectives }) => objectives.rpoMinutes,
    judge: higher("care", "the business has to agree"),
  },
  {
    subject: "hours between full backups",
    of: ({ backup }) => backup.fullEveryHours,
    judge: higher("care", "a restore replays more binary logs: see that it fits the recovery time"),
  },
  {
    subject: "days that backups are kept",
    of: ({ backup }) => backup.keepDays,
    judge: lower("dangerous", "older backups are deleted by the next one: see that nobody has to keep them"),
  },
  { subject: "room for backups", of: ({ backup }) => backup.sizeGib, judge: lower("care", "see that what is kept fits") },
  {
    subject: "days of the network log",
    of: ({ logs }) => logs.networkDays,
    judge: lower("dangerous", "the law asks for six months: older logs are deleted"),
  },
  {
    subject: "operators' networks",
    of: ({ operators }) => operators,
    judge: any("care", "who is in them reaches every host's SSH: see that security agrees"),
  },
  {
    subject: "outside networks",
    of: ({ networks }) => networks,
    judge: any("care", "flows that name them reach other addresses now"),
  },
  {
    subject: "name servers",
    of: ({ dns }) => dns.servers,
    judge: any("care", "see that each of them answers for the company's names"),
  },
  {
    subject: "time servers",
    of: ({ time }) => time.servers,
    judge: any("care", "see that each of them serves time: hosts that disagree on it trust no certificate"),
  },
  {
    subject: "authorities",
    of: ({ trust }) => trust.authorities,
    judge: any("care", "a rotation goes step by step, and every site takes a step up before the next one"),
  },
  {
    subject: "organization in certificates",
    of: ({ trust }) => trust.organization,
    judge: any("care", "every certificate is made anew, and its service starts again"),
  },
  {
    subject: "certificates",
    of: ({
      trust: {
        certificates: { renewDays: _, ...made },
      },
    }) => made,
    judge: any("care", "every certificate is made anew, and its service starts again"),
  },
  {
    subject: "days in which certificates are renewed",
    of: ({ trust }) => trust.certificates.renewDays,
    judge: lower("care", "see that an up comes within so many days before a certificate ends"),
  },
  {
    subject: "registry replication",
    of: ({ registry }) => registry.replication,
    judge: any("care", "see that the standby still gets every image that it needs in time"),
  },
  {
    subject: "registry projects",
    of: ({ registry }) => registry.projects,
    judge: any("care", "see that no image goes, or passes, that should not"),
  },
  {
    subject: "registry accounts",
    of: ({ registry }) => registry.accounts,
    judge: any("care", "see that accounts are renewed before they end"),
  },
  {
    subject: "minutes between the NAS's copies",
    of: ({ nasReplication }) => nasReplication?.everyMinutes ?? 0,
    judge: higher("care", "so much of what is written is lost with a site: see that it fits the recovery point"),
  },
  {
    subject: "path on the NAS",
    of: ({ nasPath }) => nasPath,
    judge: any("dangerous", "every volume is another directory: move the files first"),
  },
  { subject: "seed", of: ({ seed }) => seed, judge: any("care", "see that it has every image that a registry needs to start") },
];

/** Settings of the platform as a whole, its volumes, and exceptions. */
export const settingFindings: Finder = (before, after) => [
  ...settings.flatMap(({ subject, of, judge }): Finding[] => {
    const [was, is] = [of(before), of(after)];
    if (isDeepStrictEqual(was, is)) return [];
    const judged = judge(was as never, is as never);
    return judged ? [{ subject, ...judged }] : [];
  }),
  ...volumeFindings(before, after),
  ...exceptionFindings(before, after),
];

const volumeFindings: Finder = (before, after) => {
  const current = new Map(volumesOf(after).map((volume) => [volume.directory, volume]));
  return volumesOf(before).flatMap((old): Finding[] => {
    const volume = current.get(old.directory);
    const subject = `volume ${old.directory}`;
    if (!volume)
      return [
        {
          weight: "dangerous",
          subject,
          what: "is no longer declared: its files stay on the NAS, and nobody mounts them",
          todo: "if it only gets another name, move its files first",
        },
      ];
    if (volume.sizeGib < old.sizeGib)
      return [{ weight: "care", subject, what: `${from(old.sizeGib, volume.sizeGib)} GiB`, todo: "see that what it holds fits" }];
    if (volume.reclaimPolicy !== old.reclaimPolicy)
      return [
        {
          weight: volume.reclaimPolicy === "Delete" ? "dangerous" : "care",
          subject,
          what: `claims' files: ${from(old.reclaimPolicy ?? "none", volume.reclaimPolicy ?? "none")}`,
          todo: "with Delete, who deletes a claim deletes its files",
        },
      ];
    return [];
  });
};

const exceptionFindings: Finder = (before, after) => {
  const todo = "see who asked for it, and that its last day is no later than it must be";
  const policies = after.exceptions.flatMap((exception): Finding[] => {
    const old = before.exceptions.find(({ name }) => name === exception.name);
    if (isDeepStrictEqual(old, exception)) return [];
    const { rule, resource, owner, expires } = exception;
    return [
      {
        weight: "care",
        subject: `exception ${exception.name}`,
        what: `${resource} may break ${rule} until ${expires} (${owner})`,
        todo,
      },
    ];
  });
  const flows = after.flows.flatMap(({ name, exception }): Finding[] => {
    const old = before.flows.find((flow) => flow.name === name);
    if (!old || !exception || (old.exception?.expires ?? "") >= exception.expires) return [];
    return [
      {
        weight: "care",
        subject: `flow ${name}`,
        what: `its exception lasts until ${exception.expires}, and not until ${old.exception?.expires}`,
        todo,
      },
    ];
  });
  return [...policies, ...flows];
};
