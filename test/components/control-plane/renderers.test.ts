import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  renderAdmission,
  renderAuthentication,
  renderEncryption,
} from "../../../components/control-plane/api-configuration.render.ts";
import { renderAuditPolicy } from "../../../components/control-plane/audit-policy.render.ts";
import {
  type ControlPlaneCluster,
  controlPlaneCluster,
  controlPlanePaths,
} from "../../../components/control-plane/cluster.render.ts";
import { renderControllerManagerFlags, renderSchedulerFlags } from "../../../components/control-plane/controllers.render.ts";
import { renderKineFlags } from "../../../components/control-plane/kine.render.ts";
import { drainSeconds, renderApiServerFlags } from "../../../components/control-plane/kube-apiserver.render.ts";
import { renderKubeconfig } from "../../../components/control-plane/kubeconfig.render.ts";
import { renderMetricsServerFlags } from "../../../components/control-plane/metrics-server.render.ts";
import { connectionsOfClient, databaseCluster } from "../../../components/database/cluster.render.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { type Failure, failures, outageOf, outageSeconds } from "../../../environments/model/outages.ts";
import { balancerDetectionSeconds, timingsOf } from "../../../environments/model/timings.ts";
import { availabilityModes, type Host } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
const clusters = topologies.flatMap((topology) => topology.sites.map((site) => controlPlaneCluster(topology, site)));

const flagsOf = (cluster: ControlPlaneCluster, member: Host) => ({
  kine: renderKineFlags(cluster),
  "kube-apiserver": renderApiServerFlags(cluster, member),
  "kube-controller-manager": renderControllerManagerFlags(cluster),
  "kube-scheduler": renderSchedulerFlags(cluster),
  "metrics-server": renderMetricsServerFlags(),
});

/** Of the first site by name: one a platform is enough to read. */
for (const cluster of clusters.filter(({ site }) => site === clusters.map((each) => each.site).toSorted()[0])) {
  const [member] = cluster.members as [Host];
  for (const [service, flags] of Object.entries(flagsOf(cluster, member))) {
    test(`flags of ${service} of ${cluster.name} are the ones of their golden file`, () =>
      matchesGolden(`${flags.join("\n")}\n`, golden(`${cluster.name}-${service}.flags`)));
  }
}

const files = {
  "admission.yaml": renderAdmission(),
  "audit-policy.yaml": renderAuditPolicy(),
  "authentication.yaml": renderAuthentication(),
  "kube-scheduler.kubeconfig": renderKubeconfig({
    cluster: "lab-dc1",
    server: "https://192.0.2.1:6443",
    user: "kube-scheduler",
    authorities: { file: controlPlanePaths.authorities },
    credential: { file: controlPlanePaths.scheduler },
  }),
};
for (const [name, text] of Object.entries(files))
  test(`${name} is the one of its golden file`, () => matchesGolden(text, golden(name)));

const valueOfFlag = (flags: readonly string[], name: string): string | undefined =>
  flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);

test("no flag is a secret, and none names a host that is not its own but the database's VIP", () => {
  for (const cluster of clusters)
    for (const member of cluster.members) {
      const addresses = Object.values(flagsOf(cluster, member))
        .flat()
        .flatMap((flag) => flag.match(/\b\d+\.\d+\.\d+\.\d+\b(?!\/)/g) ?? []);
      assert.deepEqual(
        [...new Set(addresses)].sort(),
        ["127.0.0.1", member.addresses.management, cluster.datastoreAddress].sort(),
      );
      assert.doesNotMatch(Object.values(flagsOf(cluster, member)).flat().join("\n"), /:[^/@\s]+@tcp|password/);
    }
});

test("only the API is reachable from outside its host, on the management plane alone", () => {
  for (const cluster of clusters)
    for (const member of cluster.members) {
      const flags = flagsOf(cluster, member);
      assert.equal(valueOfFlag(flags["kube-apiserver"], "bind-address"), member.addresses.management);
      for (const service of ["kube-controller-manager", "kube-scheduler", "metrics-server"] as const)
        assert.equal(valueOfFlag(flags[service], "bind-address"), "127.0.0.1");
      assert.match(valueOfFlag(flags.kine, "listen-address") ?? "", /^tcp:\/\/127\.0\.0\.1:/);
      assert.match(valueOfFlag(flags.kine, "metrics-bind-address") ?? "", /^127\.0\.0\.1:/);
    }
});

test("kine keeps as many connections as the database counts with", () => {
  for (const topology of topologies)
    for (const site of topology.sites) {
      const cluster = controlPlaneCluster(topology, site);
      const open = Number(valueOfFlag(renderKineFlags(cluster), "datastore-max-open-connections"));
      assert.equal(open, connectionsOfClient["control-plane"]);
      assert.ok(open * cluster.members.length < databaseCluster(topology, site).maxConnections);
    }
});

test("the controllers' leaders may be without their API for as long as any single failure takes, in every availability mode", () => {
  const [cluster] = clusters as [ControlPlaneCluster];
  for (const mode of availabilityModes) {
    const timings = timingsOf(mode);
    const longest = Math.max(
      ...Object.keys(failures).map((failure) => outageSeconds(outageOf(failure as Failure, timings), "objects")),
    );
    for (const flags of [renderControllerManagerFlags({ ...cluster, timings }), renderSchedulerFlags({ ...cluster, timings })]) {
      const [lease, renew, retry] = ["lease-duration", "renew-deadline", "retry-period"].map((name) =>
        Number.parseFloat(valueOfFlag(flags, `leader-elect-${name}`) ?? ""),
      ) as [number, number, number];
      assert.ok(longest + retry <= renew && renew < lease, `${mode}: ${longest} ${retry} ${renew} ${lease}`);
    }
  }
});

test("a dead node is noticed and its pods leave as the availability mode says, later the safer it is", () => {
  const [cluster] = clusters as [ControlPlaneCluster];
  const [member] = cluster.members as [Host];
  const seconds = availabilityModes.map((mode) => {
    const timings = timingsOf(mode);
    const other = { ...cluster, timings };
    const manager = renderControllerManagerFlags(other);
    assert.equal(valueOfFlag(manager, "node-monitor-grace-period"), `${timings.nodeGraceSeconds}s`);
    assert.ok(Number.parseInt(valueOfFlag(manager, "node-monitor-period") ?? "", 10) * 3 < timings.nodeGraceSeconds);
    assert.ok(drainSeconds(other) > balancerDetectionSeconds(timings), "it would end before the balancers have left it");
    const server = renderApiServerFlags(other, member);
    const kinds = ["not-ready", "unreachable"].map((kind) => Number(valueOfFlag(server, `default-${kind}-toleration-seconds`)));
    assert.deepEqual(kinds, [timings.podTolerationSeconds, timings.podTolerationSeconds]);
    return timings.podTolerationSeconds;
  });
  assert.deepEqual(
    seconds,
    seconds.toSorted((a, b) => a - b),
  );
});

test("a password of another length than the cipher's key is refused", () => {
  assert.match(renderEncryption("0123456789abcdefghijklmnopqrstuv"), /secret: MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=/);
  assert.throws(() => renderEncryption("short"), /the password has 5 bytes; allowed: 32/);
});

test("a host that is out of service is no member, and a site without one has no control plane", () => {
  const [topology] = topologies;
  const [site] = topology?.sites ?? [];
  assert.ok(topology && site);
  const without = (names: readonly string[]) => ({
    ...site,
    zones: site.zones.map((zone) => ({
      ...zone,
      hosts: zone.hosts.map((host) => ({ ...host, inService: host.inService && !names.includes(host.shortName) })),
    })),
  });
  const left = controlPlaneCluster(topology, without(["cp2"])).members.map(({ shortName }) => shortName);
  assert.deepEqual(left, ["cp1", "cp3"]);
  assert.throws(() => controlPlaneCluster(topology, without(["cp1", "cp2", "cp3"])), /no control-plane host is in service/);
});
