import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "a network with host bits is refused, not rounded",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones office planes business cidr", "10.77.150.5/27");
    },
    problems: [
      "sites.dc1.zones.office.planes.business.cidr: host bits are set; given 10.77.150.5/27; allowed a network's own address; fix: the network that it lies in is 10.77.150.0/27",
    ],
  },
  {
    promise: "a network with leading zeros is refused",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones office planes business cidr", "10.077.150.0/27");
    },
    problems: [
      "sites.dc1.zones.office.planes.business.cidr: not an IPv4 network; given 10.077.150.0/27; allowed four numbers from 0 to 255 without leading zeros, a slash and a prefix length from 0 to 32; fix: write it as in 10.20.0.0/24",
    ],
  },
  {
    promise: "a network has a usable size",
    platform: "lab",
    edit: (e) => {
      e.set("interSite cidr", "10.77.0.0/31");
    },
    problems: [
      "interSite.cidr: a network of unusable size; given 10.77.0.0/31; allowed prefix lengths from 8 to 28; fix: choose a prefix length in between",
    ],
  },
  {
    promise: "two planes do not overlap",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones office planes business cidr", "10.77.140.0/26");
    },
    problems: [
      "sites.dc1.zones.office.planes.business.cidr: overlaps the business plane of dc1 policy 10.77.140.0/27; given 10.77.140.0/26; allowed a range of its own; fix: give one of them another range",
    ],
  },
  {
    promise: "pods do not overlap planes",
    platform: "reference",
    edit: (e) => {
      e.set("kubernetes podCidr", "10.0.0.0/8");
      e.set("kubernetes serviceCidr", "172.31.0.0/16");
    },
    problems: [
      "kubernetes.podCidr: overlaps the inter-site link 10.10.0.0/28 and the core network of dc1 10.20.0.0/26 and 31 more; given 10.0.0.0/8; allowed a range of its own; fix: give one of them another range",
    ],
  },
  {
    promise: "pods and services do not overlap",
    platform: "lab",
    edit: (e) => {
      e.set("kubernetes serviceCidr", "10.244.128.0/17");
    },
    problems: [
      "kubernetes.podCidr: overlaps the service range 10.244.128.0/17; given 10.244.0.0/16; allowed a range of its own; fix: give one of them another range",
    ],
  },
  {
    promise: "a VLAN is one network of its site",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones office planes storage vlan", 1150 - 10);
    },
    problems: [
      "sites.dc1.zones.office.planes.storage.vlan: dc1 has this VLAN already, for its business plane of office; given 1140; allowed a number of its own; fix: choose a free one",
    ],
  },
  {
    promise: "the core's VLAN is not the link's",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 core vlan", 3000);
    },
    problems: [
      "sites.dc2.core.vlan: dc2 has this VLAN already, for its inter-site link; given 3000; allowed a number of its own; fix: choose a free one",
    ],
  },
  {
    promise: "an address lies in its network",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts worker wk1", { rack: "r1", addresses: { storage: "10.77.112.32" } });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.worker.wk1.addresses.storage: outside the storage plane 10.77.112.0/27 of dc1 platform; given 10.77.112.32; allowed 10.77.112.1 to 10.77.112.30; fix: give a free address of that network",
    ],
  },
  {
    promise: "an address with leading zeros is refused",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts worker wk1", { rack: "r1", addresses: { storage: "10.77.112.030" } });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.worker.wk1.addresses.storage: not an IPv4 address; given 10.77.112.030; allowed four numbers from 0 to 255 without leading zeros; fix: write it as in 10.20.0.5",
    ],
  },
  {
    promise: "a name server has an address that exists",
    platform: "reference",
    edit: (e) => {
      e.set("dns servers", ["172.16.0.300"]);
    },
    problems: [
      "dns.servers[0]: not an IPv4 address; given 172.16.0.300; allowed four numbers from 0 to 255 without leading zeros; fix: write it as in 10.20.0.5",
    ],
  },
  {
    promise: "no two hosts share an address",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform hosts worker wk1", { rack: "r1", addresses: { storage: "10.77.112.15" } });
    },
    problems: [
      "sites.dc1.zones.platform.hosts.worker.wk1.addresses.storage: the storage address of wk1 is that of db1 of dc1 platform already; given 10.77.112.15; allowed an address of its own; fix: give a free address, or leave it to the plan",
    ],
  },
  {
    promise: "a VIP is no host's address",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform vips", { database: { address: "10.77.112.16" } });
    },
    problems: [
      "sites.dc1.zones.platform.vips.database.address: the storage address of VIP database is that of db2 of dc1 platform already; given 10.77.112.16; allowed an address of its own; fix: give a free address, or leave it to the plan",
    ],
  },
  {
    promise: "a VIP is no gateway's address",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform vips", { database: { address: "10.77.112.1" } });
    },
    problems: [
      "sites.dc1.zones.platform.vips.database.address: the storage address of VIP database is that of VIP gateway-storage of dc1 platform already; given 10.77.112.1; allowed an address of its own; fix: give a free address, or leave it to the plan",
    ],
  },
  {
    promise: "a VIP is not the lab machine's address",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 zones platform vips", { registry: { address: "10.77.111.9" } });
    },
    problems: [
      "sites.dc1.zones.platform.vips.registry.address: the management address of VIP registry is that of the lab's machine of dc1 platform already; given 10.77.111.9; allowed an address of its own; fix: give a free address, or leave it to the plan",
    ],
  },
  {
    promise: "a role has as many numbers as the plan gives it",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones platform hosts nas", { nas3: "r1" });
    },
    problems: [
      "sites.dc2.zones.platform.hosts.nas.nas3: the address plan has no place for it; given nas3; allowed numbers 1 to 2 for the role nas; fix: give it a free number",
    ],
  },
  {
    promise: "a plane has room for its workers",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones office hosts worker", { wk1: "r1", wk8: "r1" });
    },
    problems: [
      "sites.dc2.zones.office.hosts.worker.wk8: the business plane 10.77.250.0/27 has no room for it; given wk8; allowed workers 1 to 7; fix: enlarge the network, or give addresses",
    ],
  },
  {
    promise: "a plane too small for workers says so",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones office planes storage cidr", "10.77.252.0/28");
    },
    problems: [
      "sites.dc2.zones.office.hosts.worker.wk1: the storage plane 10.77.252.0/28 has no room for it; given wk1; allowed a network of /27 or larger; fix: enlarge the network, or give addresses",
    ],
  },
  {
    promise: "a VIP's entry stands where its holders are",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones office vips", { database: { vrid: 9 } });
    },
    problems: [
      "sites.dc2.zones.office.vips.database: the zone has no balancer hosts that could hold it; given database; allowed gateway-business, gateway-management, gateway-storage; fix: remove it, or move it to its zone",
    ],
  },
  {
    promise: "a virtual router id is unique on its network, over both sites",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc2 zones platform vips", { "kubernetes-api": { vrid: 101 }, registry: { vrid: 2 } });
    },
    problems: [
      "sites.dc2.zones.platform.vips.kubernetes-api.vrid: the management plane of platform has this virtual router id already, for gateway-management of dc2; given 101; allowed a number of its own, at both sites; fix: choose a free one from 1 to 255",
      "sites.dc2.zones.platform.vips.registry.vrid: the management plane of platform has this virtual router id already, for kubernetes-api of dc1; given 2; allowed a number of its own, at both sites; fix: choose a free one from 1 to 255",
    ],
  },
  {
    promise: "a zone's addresses in the core network are its own, and leave the company's router its own",
    platform: "reference",
    edit: (e) => {
      e.set("sites dc1 zones internet core", "10.20.0.6");
      e.set("sites dc1 zones partner core", "10.20.0.1");
      e.set("sites dc1 zones policy core", "10.20.0.61");
    },
    problems: [
      "sites.dc1.zones.internet.core: an address of the three is one of zone platform already; given 10.20.0.6, 10.20.0.7, 10.20.0.8; allowed three addresses of its own; fix: choose three free ones",
      "sites.dc1.zones.partner.core: no place for three addresses in the core network 10.20.0.0/26, whose first is 10.20.0.1, the company's router; given 10.20.0.1; allowed 10.20.0.2 to 10.20.0.60; fix: choose an address of the core network with two free ones behind it",
      "sites.dc1.zones.policy.core: no place for three addresses in the core network 10.20.0.0/26, whose first is 10.20.0.1, the company's router; given 10.20.0.61; allowed 10.20.0.2 to 10.20.0.60; fix: choose an address of the core network with two free ones behind it",
    ],
  },
  {
    promise: "a network outside shares no address with the platform, unless it is everybody's",
    platform: "reference",
    edit: (e) => {
      e.set("networks employees", ["172.20.0.0/16", "10.0.0.0/8"]);
      e.set("operators", ["10.30.11.32/27"]);
    },
    problems: [
      "operators[0]: shares addresses with the platform's management plane of dc2 platform 10.30.11.0/26; given 10.30.11.32/27; allowed networks outside the platform, or 0.0.0.0/0 for everybody outside; fix: leave the platform's own networks out",
      "networks.employees[1]: shares addresses with the platform's pod range 10.244.0.0/16; given 10.0.0.0/8; allowed networks outside the platform, or 0.0.0.0/0 for everybody outside; fix: leave the platform's own networks out",
    ],
  },
]);
