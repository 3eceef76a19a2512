import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { renderRun, renderUnit } from "../../../components/host/host-service.render.ts";
import { renderContainerd } from "../../../components/worker/containerd.render.ts";
import { renderKubeProxy } from "../../../components/worker/kube-proxy.render.ts";
import { renderKubelet } from "../../../components/worker/kubelet.render.ts";
import { renderNetwork } from "../../../components/worker/network.render.ts";
import { type Condition, problemOf } from "../../../components/worker/node-health.ts";
import { programsOf } from "../../../components/worker/programs.render.ts";
import { skewProblem } from "../../../components/worker/version-skew.ts";
import { workersOf } from "../../../components/worker/worker.render.ts";
import { loadEnvironment, platforms } from "../../../environments/model/load.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { matchesGolden } from "../../support/golden.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);

const topologies = platforms().map((platform) => topologyOf(loadEnvironment(platform, platform === "lab" ? { slot: 0 } : {})));
const workers = topologies.flatMap((topology) =>
  topology.sites.flatMap((site) => site.zones.flatMap((zone) => workersOf(topology, site, zone))),
);

/** One a platform is enough to read. */
for (const worker of workers.filter(({ host }) => host.name === "dc1-internet-wk1")) {
  const files = {
    "containerd.toml": renderContainerd(worker),
    "kube-proxy.yaml": renderKubeProxy(worker),
    "kubelet.yaml": renderKubelet(worker),
    "network.conflist": renderNetwork(worker),
    ...Object.fromEntries(
      Object.entries(programsOf(worker)).map(([name, program]) => [
        `${name}.${worker.machines === "ssh" ? "service" : "run"}`,
        worker.machines === "ssh" ? renderUnit(program) : renderRun(program),
      ]),
    ),
  };
  for (const [name, text] of Object.entries(files))
    test(`${name} of a worker of ${worker.cluster.name} is the one of its golden file`, () =>
      matchesGolden(text, golden(`${worker.cluster.name}-${name}`)));
}

test("a kubelet is as new as its API server or up to three minor versions older", () => {
  for (const [kubelet, server] of [
    ["1.36.3", "1.36.3"],
    ["1.36.9", "1.36.0"],
    ["1.33.0", "1.36.3"],
  ] as const)
    assert.equal(skewProblem(kubelet, server), undefined, `${kubelet} at ${server}`);
  assert.equal(
    skewProblem("1.37.0", "1.36.3"),
    "kubernetes.version: nodes would run 1.37.0, the API servers run 1.36.3; allowed 1.33 to 1.36. Deploy the core of the site first",
  );
  assert.match(skewProblem("1.32.9", "1.36.3") ?? "", /allowed 1\.33 to 1\.36\. Upgrade the nodes step by step/);
  assert.match(skewProblem("2.36.0", "1.36.3") ?? "", /allowed 1\.33 to 1\.36/);
});

test("a node is ready when it says so, and otherwise its own words say why not", () => {
  const node = (conditions: Condition[]) => ({ status: { conditions } });
  assert.equal(problemOf(node([{ type: "Ready", status: "True" }])), undefined);
  assert.equal(problemOf(node([{ type: "Ready", status: "False", message: "no network" }])), "no network");
  assert.equal(problemOf(node([{ type: "Ready", status: "Unknown", message: "silent" }])), "silent");
  assert.equal(problemOf({}), "it has not said anything yet");
});

test("what systemd would expand in a command is written so that it stays as it is", () => {
  const program = { name: "x", description: "x", command: ["/bin/x", '100% "$HOME"'], ready: "true" };
  assert.match(renderUnit(program), /^ExecStart="\/bin\/x" "100%% \\"\$\$HOME\\""$/m);
});
