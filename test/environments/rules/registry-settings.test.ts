import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "Harbor needs what it is told of projects, accounts and tags that are pushed again",
    platform: "reference",
    edit: (e) => {
      e.remove("registry projects");
      e.remove("registry accounts");
      e.remove("registry replication overwrites");
    },
    problems: [
      "registry: flavors.registry: harbor without projects; fix: add registry.projects; environments/reference.yaml has an example",
      "registry: flavors.registry: harbor without accounts; fix: add registry.accounts; environments/reference.yaml has an example",
      "registry.replication: flavors.registry: harbor without overwrites; fix: add registry.replication.overwrites; environments/reference.yaml has an example",
    ],
  },
  {
    promise: "what only Harbor can do is refused where there is none",
    platform: "lab",
    edit: (e) => e.set("registry replication mbitPerSecond", 10),
    problems: [
      "registry.replication.mbitPerSecond: a setting that only Harbor has; given flavors.registry: distribution; allowed flavors.registry: harbor; fix: remove it, or change the flavor",
    ],
  },
  {
    promise: "an account has a time in which it is not renewed",
    platform: "reference",
    edit: (e) => e.set("registry accounts renewDays", 365),
    problems: [
      "registry.accounts.renewDays: it would be renewed every time; given 365; allowed less than lifetimeDays, 365; fix: about a sixth of lifetimeDays",
    ],
  },
  {
    promise: "a tag that is pushed once is not overwritten by replication",
    platform: "reference",
    edit: (e) => e.set("registry replication overwrites", true),
    problems: [
      "registry.replication.overwrites: tags that match registry.projects.immutableTags, [0-9]*, can't be overwritten at the standby site either; given true; allowed false with immutable tags; fix: set it to false, or remove immutableTags",
    ],
  },
  {
    promise: "patterns, severities and numbers are checked",
    platform: "reference",
    edit: (e) => {
      e.set("registry projects immutableTags", "v 1");
      e.set("registry projects refuseFrom", "worst");
      e.set("registry projects keep newest", 0);
    },
    problems: [
      "registry.projects.keep.newest: not a value that can be used here; given 0; allowed at least 1; fix: give an allowed value",
      'registry.projects.immutableTags: not a value that can be used here; given "v 1"; allowed a pattern of tags as in v*; fix: give an allowed value',
      "registry.projects.refuseFrom: not a value that can be used here; given worst; allowed low, medium, high, critical; fix: give an allowed value",
    ],
  },
]);
