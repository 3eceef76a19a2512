import { checkCases } from "./broken.ts";

checkCases([
  {
    promise: "an unknown key is answered with the nearest known one",
    platform: "lab",
    edit: (e) => {
      e.set("availabilty", "fast");
      e.set("sites dc1 zones office plains", 1);
      e.set("flows payments port", [1]);
    },
    problems: [
      "sites.dc1.zones.office.plains: an unknown key; given plains; allowed planes, core, pods, hosts, vips; fix: did you mean planes?",
      "flows.payments.port: an unknown key; given port; allowed from, to, plane, protocol, ports, purpose, owner, exception; fix: did you mean ports?",
      "availabilty: an unknown key; given availabilty; allowed platform, stage, machines, lab, availability, timings, objectives, backup, logs, accepted, ssh, trunk, trust, operators, dns, time, kubernetes, flavors, images, seed, registry, sizes, volumes, nasReplication, externalNas, interSite, zones, sites, outOfService, networks, flows, exceptions; fix: did you mean availability?",
    ],
  },
  {
    promise: "so is an unknown role",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts databse", { db4: "r1" });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.databse: an unknown key; given databse; allowed gateway, balancer, control-plane, database, nas, registry, worker; fix: did you mean database?",
    ],
  },
  {
    promise: "so is an unknown value",
    platform: "lab",
    edit: (e) => {
      e.set("availability", "fats");
    },
    problems: ["availability: not a value that can be used here; given fats; allowed fast, norm, safe; fix: did you mean fast?"],
  },
  {
    promise: "what is missing is named",
    platform: "lab",
    edit: (e) => {
      e.remove("trust");
      e.remove("objectives rpoMinutes");
    },
    problems: [
      "trust: missing; allowed a mapping; fix: add trust",
      "objectives.rpoMinutes: missing; allowed a number; fix: add rpoMinutes",
    ],
  },
  {
    promise: "values of a wrong kind are named with what is allowed",
    platform: "lab",
    edit: (e) => {
      e.set("ssh port", "22x");
      e.set("trust newAuthorities lifetimeDays", 3.5);
      e.set("zones", []);
      e.set("sites dc1 racks", []);
    },
    problems: [
      "ssh.port: not a value that can be used here; given 22x; allowed a number; fix: give an allowed value",
      "trust.newAuthorities.lifetimeDays: not a value that can be used here; given 3.5; allowed a whole number; fix: give an allowed value",
      "zones: not a value that can be used here; given []; allowed a mapping; fix: give an allowed value",
      "sites.dc1.racks: not a value that can be used here; given []; allowed a list of at least 1; fix: give an allowed value",
      "flows.portal-quotes.exception: an exception that nothing needs: the flow stays in a zone, has an end outside, or asks a shared service on management or storage; given internet to policy on business; allowed no exception; fix: remove it",
      "flows.partner-claims.exception: an exception that nothing needs: the flow stays in a zone, has an end outside, or asks a shared service on management or storage; given partner to policy on business; allowed no exception; fix: remove it",
    ],
  },
  {
    promise: "host entries of wrong shapes are named where they stand",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts worker", { Wk1: "r1", wk2: { rack: "R1" }, wk3: 5, wk4: { rak: "r1" } });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.worker.Wk1: not a name that can be used here; given Wk1; allowed a host's short name: lower-case letters and a number without leading zeros, as in db1; fix: rename it",
      "sites.dc1.zones.platform.hosts.worker.wk2.rack: not a value that can be used here; given R1; allowed a rack's name: a lower-case letter, then lower-case letters and digits; fix: give an allowed value",
      "sites.dc1.zones.platform.hosts.worker.wk3: not a value that can be used here; given 5; allowed a text, or a mapping; fix: give an allowed value",
      "sites.dc1.zones.platform.hosts.worker.wk4.rack: missing; allowed a text; fix: add rack",
      "sites.dc1.zones.platform.hosts.worker.wk4.rak: an unknown key; given rak; allowed rack, addresses; fix: did you mean rack?",
    ],
  },
  {
    promise: "problems of shape and of rules come together",
    platform: "lab",
    edit: (e) => {
      e.set("availability", "fats");
      e.set("sites dc1 zones office planes business cidr", "10.77.150.5/27");
      e.set("flows payments ports", [70000]);
    },
    problems: [
      "availability: not a value that can be used here; given fats; allowed fast, norm, safe; fix: did you mean fast?",
      "sites.dc1.zones.office.planes.business.cidr: host bits are set; given 10.77.150.5/27; allowed a network's own address; fix: the network that it lies in is 10.77.150.0/27",
      "flows.payments.ports[0]: not a value that can be used here; given 70000; allowed at most 65535; fix: give an allowed value",
    ],
  },
  {
    promise: "prose with quotes, line breaks or shell characters is refused",
    platform: "lab",
    edit: (e) => {
      e.set("zones internet purpose", 'a"; drop');
      e.set("trust organization", "x\ny");
      e.set("flows payments owner", "$(reboot)");
    },
    problems: [
      'trust.organization: not a value that can be used here; given "x\\ny"; allowed one line of letters, digits, spaces and . , : ; ( ) / & + _ @ % -; fix: give an allowed value',
      'zones.internet.purpose: not a value that can be used here; given "a\\"; drop"; allowed one line of letters, digits, spaces and . , : ; ( ) / & + _ @ % -; fix: give an allowed value',
      'flows.payments.owner: not a value that can be used here; given "$(reboot)"; allowed one line of letters, digits, spaces and . , : ; ( ) / & + _ @ % -; fix: give an allowed value',
      "flows.portal-quotes.exception: an exception that nothing needs: the flow stays in a zone, has an end outside, or asks a shared service on management or storage; given internet to policy on business; allowed no exception; fix: remove it",
    ],
  },
  {
    promise: "dates are dates",
    platform: "lab",
    edit: (e) => {
      e.set("accepted kineOnGalera on", "2026-02-30");
      e.set("flows portal-quotes exception expires", "soon");
    },
    problems: [
      "accepted.kineOnGalera.on: not a value that can be used here; given 2026-02-30; allowed a date as in 2027-06-30; fix: give an allowed value",
      "flows.portal-quotes.exception.expires: not a value that can be used here; given soon; allowed a date as in 2027-06-30; fix: give an allowed value",
    ],
  },
  {
    promise: "paths and images of wrong form are refused",
    platform: "lab",
    edit: (e) => {
      e.set("seed", { archive: "../x" });
      e.set("images nas", "nas");
    },
    problems: [
      "images.nas: not a value that can be used here; given nas; allowed <registry>/<repository>:<version>@sha256:<64 hexadecimal digits>; fix: give an allowed value",
      "seed.archive: not a value that can be used here; given ../x; allowed a relative path without .., as in seeds/images.tar; fix: give an allowed value",
    ],
  },
  {
    promise: "a seed is an archive or a registry",
    platform: "lab",
    edit: (e) => {
      e.set("seed", {});
    },
    problems: ["seed.archive: missing; allowed a text; fix: add archive"],
  },
]);
