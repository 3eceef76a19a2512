import assert from "node:assert/strict";
import { test } from "node:test";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { readEnvironment } from "../../../environments/model/read-environment.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { checkCases, edited } from "../broken.ts";

const pods = "sites dc1 zones internet pods";

checkCases([
  {
    promise: "pods of a zone lie among all pods",
    platform: "lab",
    edit: (e) => e.set(pods, "10.243.16.0/20"),
    problems: [
      "sites.dc1.zones.internet.pods: outside of all pods; given 10.243.16.0/20; allowed a part of 10.244.0.0/16; fix: choose one, or enlarge kubernetes.podCidr",
    ],
  },
  {
    promise: "no two zones share pods' addresses, not on two sites either",
    platform: "lab",
    edit: (e) => e.set("sites dc2 zones office pods", "10.244.16.0/21"),
    problems: [
      "sites.dc2.zones.office.pods: shares addresses with the pods of dc1 internet, 10.244.16.0/20; given 10.244.16.0/21; allowed a range of its own; fix: choose a free part of 10.244.0.0/16",
    ],
  },
  {
    promise: "a range of pods with host bits is refused, not rounded",
    platform: "lab",
    edit: (e) => e.set(pods, "10.244.17.0/20"),
    problems: [
      "sites.dc1.zones.internet.pods: host bits are set; given 10.244.17.0/20; allowed a network's own address; fix: the network that it lies in is 10.244.16.0/20",
    ],
  },
  {
    promise: "a range that is smaller than a worker's part is refused",
    platform: "lab",
    edit: (e) => e.set(pods, "10.244.16.0/25"),
    problems: [
      "sites.dc1.zones.internet.hosts.worker.wk1: the zone's pods 10.244.16.0/25 have no room for it; given wk1; allowed a range of /24 or larger; fix: give the zone a larger range of pods",
    ],
  },
  {
    promise: "a worker whose number is beyond its zone's pods is refused",
    platform: "lab",
    edit: (e) => {
      e.set(pods, "10.244.16.0/23");
      for (const site of ["dc1", "dc2"]) e.set(`sites ${site} zones internet hosts worker`, { wk1: "r1", wk3: "r1" });
    },
    problems: [
      "sites.dc1.zones.internet.hosts.worker.wk3: the zone's pods 10.244.16.0/23 have no room for it; given wk3; allowed workers 1 to 2; fix: give it a free number, or the zone a larger range of pods",
    ],
  },
  {
    promise: "a range of services without room for every zone's name service is refused",
    platform: "lab",
    edit: (e) => e.set("kubernetes serviceCidr", "10.245.0.0/26"),
    problems: [
      "kubernetes.serviceCidr: no room for the name service of dc1 office: its place is that of the zone's pods among all pods; given 10.245.0.0/26; allowed a range with a service for each /24 of kubernetes.podCidr, as of the same prefix length; fix: enlarge it",
    ],
  },
]);

test("a range for exactly as many workers as there are is sound", () => {
  const text = edited("lab", (e) => {
    e.set(pods, "10.244.16.0/23");
    for (const site of ["dc1", "dc2"]) e.set(`sites ${site} zones internet hosts worker wk2`, "r2");
  });
  const zone = topologyOf(readEnvironment(text, "test.yaml")).sites[0]?.zones.find(({ name }) => name === "internet");
  assert.deepEqual(zone?.pods, {
    cidr: "10.244.16.0/23",
    nodes: { "dc1-internet-wk1": "10.244.16.0/24", "dc1-internet-wk2": "10.244.17.0/24" },
    dns: "10.245.0.26",
  });
});

test("no two nodes of a platform share pods' addresses, and no two zones of a site ask the same name service", () => {
  for (const platform of platforms()) {
    const { sites } = topologyOf(loadEnvironment(platform));
    const nodes = sites.flatMap(({ zones }) => zones.flatMap((zone) => Object.values(zone.pods.nodes)));
    assert.equal(new Set(nodes).size, nodes.length);
    for (const { zones } of sites) assert.equal(new Set(zones.map((zone) => zone.pods.dns)).size, zones.length);
  }
});

test("a worker that comes or goes moves nobody's pods", () => {
  const before = topologyOf(loadEnvironment("reference")).sites[0]?.zones[1]?.pods.nodes;
  const text = edited("reference", (e) => e.remove("sites dc1 zones internet hosts worker wk1"));
  const after = topologyOf(readEnvironment(text, "reference.yaml")).sites[0]?.zones[1]?.pods.nodes;
  assert.deepEqual(after, Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => !name.endsWith("wk1"))));
});
