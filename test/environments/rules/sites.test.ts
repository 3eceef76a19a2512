import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "a host that is out of service is one of the platform's",
    platform: "reference",
    edit: (e) => {
      e.set("outOfService", {
        "dc1-platform-db9": "Mainboard, until 2026-12-01",
        "dc1-platform-db2": "Mainboard, until 2026-12-01",
      });
    },
    problems: [
      "outOfService.dc1-platform-db9: an unknown host; given dc1-platform-db9; allowed <site>-<zone>-<short name> of a host under sites; fix: did you mean dc1-platform-db1?",
    ],
  },
  {
    promise: "hosts out of service leave the database a majority and every pair one that serves",
    platform: "lab",
    edit: (e) => {
      e.set("outOfService", {
        "dc1-platform-db1": "Rack r1, until 2026-12-01",
        "dc1-platform-db3": "Rack r3, until 2026-12-01",
        "dc1-platform-lb1": "Rack r1, until 2026-12-01",
        "dc1-platform-cp1": "Rack r1, until 2026-12-01",
        "dc2-office-gw1": "Mainboard, until 2026-12-01",
        "dc2-office-gw2": "Mainboard, until 2026-12-01",
      });
    },
    problems: [
      "outOfService: dc1 platform would have 1 of 3 database hosts in service; given dc1-platform-db1, dc1-platform-db3; allowed at least 2 in service; fix: replace one of them first, and leave it off the list",
      "outOfService: dc2 office would have 0 of 2 gateway hosts in service; given dc2-office-gw1, dc2-office-gw2; allowed at least 1 in service; fix: replace one of them first, and leave it off the list",
    ],
  },
  {
    promise: "words that stack names are made of are reserved",
    platform: "lab",
    edit: (e) => {
      e.set("platform", "trust");
    },
    problems: [
      "platform: a reserved name; given trust; allowed any but trust, machines, services, platform; fix: choose another name",
    ],
  },
  {
    promise: "a site's zones are described under zones",
    platform: "lab",
    edit: (e) => {
      e.remove("zones internet");
      e.remove("flows customer-portal");
      e.remove("flows portal-quotes");
    },
    problems: [
      "sites.dc1.zones.internet: an unknown zone; given internet; allowed platform, partner, policy, office; fix: remove it, or describe it under zones",
      "sites.dc2.zones.internet: an unknown zone; given internet; allowed platform, partner, policy, office; fix: remove it, or describe it under zones",
    ],
  },
  {
    promise: "every site has every zone",
    platform: "lab",
    edit: (e) => e.remove("sites dc2 zones office"),
    problems: [
      "sites.dc2.zones: zone office is missing on dc2; allowed platform, internet, partner, policy, office; fix: add it",
    ],
  },
  {
    promise: "a host's short name is its own in its zone",
    platform: "lab",
    edit: (e) => e.set("sites dc1 zones platform hosts worker", { wk1: "r1", cp2: "r2" }),
    problems: [
      "sites.dc1.zones.platform.hosts.worker.cp2: dc1 platform has a control-plane host of this name; given cp2; allowed a name of its own; fix: rename one of them",
      "sites.dc2.zones.platform.hosts.worker: the standby site has fewer worker hosts in platform than dc1; given 1; allowed at least 2; fix: add 1, or it cannot take over",
    ],
  },
  {
    promise: "one site is active, not two",
    platform: "lab",
    edit: (e) => e.set("sites dc2 role", "active"),
    problems: [
      "sites.dc2.role: dc1 is active too; given active; allowed exactly one active site; fix: set role: standby on the site that does not serve",
    ],
  },
  {
    promise: "one site is active, not none",
    platform: "lab",
    edit: (e) => e.set("sites dc1 role", "standby"),
    problems: ["sites: no site is active; allowed exactly one active site; fix: set role: active on the site that serves"],
  },
  {
    promise: "a platform has two sites",
    platform: "lab",
    edit: (e) => e.remove("sites dc2"),
    problems: ["sites: the number of sites; given 1; allowed two; fix: describe both sites in this file"],
  },
  {
    promise: "the standby site has the capacity of the active one",
    platform: "lab",
    edit: (e) => e.set("sites dc1 zones policy hosts worker wk2", "r2"),
    problems: [
      "sites.dc2.zones.policy.hosts.worker: the standby site has fewer worker hosts in policy than dc1; given 1; allowed at least 2; fix: add 1, or it cannot take over",
    ],
  },
  {
    promise: "the standby site has every role of the active one",
    platform: "lab",
    edit: (e) => e.remove("sites dc2 zones platform hosts registry"),
    problems: [
      "sites.dc2.zones.platform.hosts: the standby site has fewer registry hosts in platform than dc1; given 0; allowed at least 1; fix: add 1, or it cannot take over",
      "sites.dc2.zones.platform.hosts: dc2 platform has no registry host; allowed all of gateway, balancer, control-plane, database, nas, registry, worker; fix: add one under registry",
    ],
  },
  {
    promise: "every zone has the roles that it needs",
    platform: "lab",
    edit: (e) => {
      e.remove("sites dc1 zones internet hosts worker");
    },
    problems: [
      "sites.dc1.zones.internet.hosts: dc1 internet has no worker host; allowed all of gateway, worker; fix: add one under worker",
    ],
  },
  {
    promise: "a business zone has no shared services",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones internet hosts database", { db1: "r1", db2: "r2", db3: "r3" });
    },
    problems: [
      "sites.dc2.zones.internet.hosts.database: a business zone has no database hosts; given database; allowed gateway, worker; fix: move them to the zone platform",
    ],
  },
  {
    promise: "external firewalls leave no gateway hosts",
    platform: "lab",
    edit: (e) => {
      e.set("flavors gateway", "external");
      for (const s of ["dc1", "dc2"])
        for (const z of ["internet", "partner", "policy", "office"]) e.remove(`sites ${s} zones ${z} hosts gateway`);
      e.remove("sites dc2 zones platform hosts gateway");
    },
    problems: [
      "sites.dc1.zones.platform.hosts.gateway: flavors says that gateway is external; given gateway; allowed balancer, control-plane, database, nas, registry, worker; fix: remove them, or change flavors.gateway",
      "sites.dc2.zones.platform.hosts: the standby site has fewer gateway hosts in platform than dc1; given 0; allowed at least 2; fix: add 2, or it cannot take over",
    ],
  },
  {
    promise: "two database hosts are too few",
    platform: "lab",
    edit: (e) => {
      e.remove("sites dc2 zones platform hosts database db3");
    },
    problems: [
      "sites.dc2.zones.platform.hosts.database: the standby site has fewer database hosts in platform than dc1; given 2; allowed at least 3; fix: add 1, or it cannot take over",
      "sites.dc2.zones.platform.hosts.database: the number of database hosts; given 2; allowed an odd number from three on: a majority must remain when one fails; fix: add or remove one",
    ],
  },
  {
    promise: "a second NAS server is refused: it would have other files under the one name",
    platform: "lab",
    edit: (e) => {
      for (const s of ["dc1", "dc2"]) e.set(`sites ${s} zones platform hosts nas`, { nas1: "r3", nas2: "r2" });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.nas: the number of nas hosts; given 2; allowed one: what it keeps is on its own disk; fix: add or remove one",
      "sites.dc2.zones.platform.hosts.nas: the number of nas hosts; given 2; allowed one: what it keeps is on its own disk; fix: add or remove one",
    ],
  },
  {
    promise: "a second registry is refused: it would have other images behind the one VIP",
    platform: "lab",
    edit: (e) => {
      for (const s of ["dc1", "dc2"]) e.set(`sites ${s} zones platform hosts registry`, { reg1: "r3", reg2: "r2" });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.registry: the number of registry hosts; given 2; allowed one: what it keeps is on its own disk; fix: add or remove one",
      "sites.dc2.zones.platform.hosts.registry: the number of registry hosts; given 2; allowed one: what it keeps is on its own disk; fix: add or remove one",
    ],
  },
  {
    promise: "an even number of control-plane hosts is refused",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones platform hosts control-plane cp4", "r4");
      e.set("sites dc2 racks", ["r1", "r2", "r3", "r4"]);
    },
    problems: [
      "sites.dc2.zones.platform.hosts.control-plane: the number of control-plane hosts; given 4; allowed an odd number from three on: a majority must remain when one fails; fix: add or remove one",
    ],
  },
  {
    promise: "a gateway pair has two members",
    platform: "lab",
    edit: (e) => {
      e.remove("sites dc2 zones office hosts gateway gw2");
    },
    problems: [
      "sites.dc2.zones.office.hosts.gateway: the standby site has fewer gateway hosts in office than dc1; given 1; allowed at least 2; fix: add 1, or it cannot take over",
      "sites.dc2.zones.office.hosts.gateway: the number of gateway hosts; given 1; allowed two: a pair that holds VIPs; fix: add or remove one",
    ],
  },
  {
    promise: "members of a quorum stand in different racks",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts database db3", "r1");
    },
    problems: [
      "sites.dc1.zones.platform.hosts.database.db3: db1 of the same quorum stands in this rack; given r1; allowed a rack of its own; fix: move db3 or db1 to another rack",
    ],
  },
  {
    promise: "members of a pair stand in different racks",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts balancer lb2", { rack: "r1" });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.balancer.lb2.rack: lb1 of the same pair stands in this rack; given r1; allowed a rack of its own; fix: move lb2 or lb1 to another rack",
    ],
  },
  {
    promise: "a rack is one of the site's",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts worker wk1", "r9");
    },
    problems: ["sites.dc1.zones.platform.hosts.worker.wk1: an unknown rack; given r9; allowed r1, r2, r3; fix: did you mean r1?"],
  },
]);
