import { checkCases, type Edit } from "../broken.ts";

const external = (addresses: Record<string, string>) => ({ addresses });

/** The NAS becomes the company's own. */
const handedOver = (e: Parameters<Edit>[0]): void => {
  e.set("flavors nas", "external");
  for (const site of ["dc1", "dc2"]) e.remove(`sites ${site} zones platform hosts nas`);
};

checkCases([
  {
    promise: "a volume's directory is a stack's and a service's",
    platform: "lab",
    edit: (e) => e.set("volumes policy", { "../office": { sizeGib: 1 } }),
    problems: [
      "volumes.policy.../office: not a name that can be used here; given ../office; allowed <stack>/<service>: two names of lower-case words of letters and digits, joined by hyphens, as in claims/documents; fix: rename it",
    ],
  },
  {
    promise: "a volume is of a zone",
    platform: "lab",
    edit: (e) => e.set("volumes", { polic: { "claims/letters": { sizeGib: 1 } } }),
    problems: [
      "volumes.polic: an unknown zone; given polic; allowed platform, internet, partner, policy, office; fix: did you mean policy?",
    ],
  },
  {
    promise: "nobody has the directory of the databases' backups",
    platform: "reference",
    edit: (e) => e.set("volumes platform", { "core/database-backup": { sizeGib: 1 } }),
    problems: [
      "volumes.platform.core/database-backup: the databases' backups lie there; given platform/core/database-backup; allowed a directory of its own; fix: choose another name",
    ],
  },
  {
    promise: "who shares a volume is named once",
    platform: "lab",
    edit: (e) => e.set("volumes policy claims/documents sharedBy", ["claims-web", "claims-web"]),
    problems: [
      "volumes.policy.claims/documents.sharedBy[1]: the same service again; given claims-web; allowed each service once; fix: remove it, or name the other service",
    ],
  },
  {
    promise: "a StorageClass is of whoever claims",
    platform: "reference",
    edit: (e) => e.set("volumes policy claims/documents reclaimPolicy", "Retain"),
    problems: [
      "volumes.policy.claims/documents.sharedBy: a StorageClass, whose directories are their claims'; allowed either sharedBy or reclaimPolicy; fix: remove one of them",
    ],
  },
  {
    promise: "a StorageClass has a driver that answers claims",
    platform: "reference",
    edit: (e) => e.remove("images csi-resizer"),
    problems: [
      "images: volumes.policy.claims/volumes is a StorageClass, which needs the image csi-resizer; given none; allowed <registry>/<repository>:<version>@sha256:<64 hexadecimal digits>; fix: add images.csi-resizer, or remove every reclaimPolicy",
    ],
  },
  {
    promise: "nothing is declared that answers no claims",
    platform: "reference",
    edit: (e) => {
      e.remove("volumes policy claims/volumes");
      for (const name of ["csi-nfs", "csi-provisioner", "csi-resizer", "csi-snapshotter", "snapshot-controller"])
        e.remove(`images ${name}`);
    },
    problems: [
      "images.csi-node-driver-registrar: nothing runs from it: no volume is a StorageClass; allowed with a reclaimPolicy of a volume only; fix: remove it, or give a volume a reclaimPolicy",
    ],
  },
  {
    promise: "a lab has no driver that answers claims",
    platform: "lab",
    edit: (e) => e.set("volumes policy claims/documents", { sizeGib: 1, reclaimPolicy: "Delete" }),
    problems: [
      "volumes.policy.claims/documents.reclaimPolicy: a lab has no image of the driver that answers claims; allowed volumes without reclaimPolicy; fix: remove it",
    ],
  },
  {
    promise: "what volumes may hold has room on the NAS",
    platform: "lab",
    edit: (e) => e.set("volumes policy claims/documents sizeGib", 3),
    problems: [
      "sizes.nas.diskGib: volumes and backups may hold more than the disk of the NAS; given 4; allowed at least 5: backup.sizeGib and all sizes under volumes; fix: give the NAS a larger disk, or the volumes less",
    ],
  },
  {
    promise: "a NAS of the company's has an address at every site",
    platform: "reference",
    edit: (e) => {
      handedOver(e);
      e.remove("nasReplication");
      e.set("externalNas", external({ dc1: "10.20.12.60" }));
    },
    problems: [
      "externalNas.addresses: the NAS of dc2 has no address; allowed one of the platform zone's storage network; fix: add externalNas.addresses.dc2",
    ],
  },
  {
    promise: "a NAS of the company's is on the storage plane, where nobody else has its address",
    platform: "reference",
    edit: (e) => {
      handedOver(e);
      e.remove("nasReplication");
      e.set("externalNas", external({ dc1: "10.20.11.60", dc2: "10.30.12.15" }));
    },
    problems: [
      "externalNas.addresses.dc1: outside the storage plane 10.20.12.0/26 of dc1 platform; given 10.20.11.60; allowed 10.20.12.1 to 10.20.12.62; fix: give a free address of that network",
      "externalNas.addresses.dc2: the storage address of the NAS is that of db1 of dc2 platform already; given 10.30.12.15; allowed an address of its own; fix: give a free address, or leave it to the plan",
    ],
  },
  {
    promise: "a NAS of ours is among the hosts and nowhere else",
    platform: "reference",
    edit: (e) => e.set("externalNas", external({ dc1: "10.20.12.60", dc2: "10.30.12.60" })),
    problems: [
      "externalNas: flavors says that the NAS is a server of ours; allowed with flavors.nas: external only; fix: remove it, or change flavors.nas",
    ],
  },
  {
    promise: "a lab has a NAS of its own",
    platform: "lab",
    edit: (e) => {
      handedOver(e);
      e.remove("nasReplication");
    },
    problems: ["flavors.nas: a lab has no NAS of the company's; given external; allowed ganesha; fix: change it"],
  },
  {
    promise: "the standby's NAS follows as often as the business asked for",
    platform: "reference",
    edit: (e) => e.set("nasReplication everyMinutes", 6),
    problems: [
      "nasReplication.everyMinutes: a failover would lose more than the business asked for; given 6; allowed at most 5: objectives.rpoMinutes; fix: copy more often, or ask for less",
    ],
  },
  {
    promise: "it is said how often the standby's NAS follows",
    platform: "reference",
    edit: (e) => e.remove("nasReplication"),
    problems: [
      "flavors.nas: nothing says how often the standby's NAS follows the active site's; allowed every 5 minutes or less: objectives.rpoMinutes; fix: add nasReplication.everyMinutes",
    ],
  },
  {
    promise: "a NAS of the company's follows by its own means",
    platform: "reference",
    edit: (e) => {
      handedOver(e);
      e.set("externalNas", external({ dc1: "10.20.12.60", dc2: "10.30.12.60" }));
    },
    problems: [
      "nasReplication: flavors says that the NAS is the company's own, which follows by its own means; allowed with flavors.nas: ganesha only; fix: remove it, or change flavors.nas",
    ],
  },
]);
