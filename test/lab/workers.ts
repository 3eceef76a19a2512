import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../components/host/shell.ts";
import { workerPaths, zoneLabel, zoneTaint } from "../../components/worker/worker.render.ts";
import { at, type Json } from "../support/api-call.ts";
import { until } from "../support/until.ts";
import { kubectl, kubectlSays } from "./kubectl.ts";
import {
  apply,
  asked,
  asRoot,
  inPod,
  isReady,
  keepsItsContainers,
  lives,
  namespace,
  opening,
  place,
  placeSample,
  podOf,
  pods,
  removeSample,
  worker,
} from "./pods.ts";
import { hostNamed, npm, said, zoneOf } from "./session.ts";

// Real nodes with real pods.

test("the platform zone's node is ready, of its zone by labels that it can't change itself, and has its own part of the zone's pods", async () => {
  const node = await asked("get", "node", place);
  assert.ok(await isReady());
  assert.equal(at(node, "metadata", "labels", zoneLabel), "platform");
  assert.deepEqual(at(node, "spec", "taints"), [{ effect: "NoSchedule", key: zoneTaint, value: "platform" }]);
  assert.equal(at(node, "spec", "podCIDR"), zoneOf(worker()).pods.nodes[place]);
  // Its own credentials do not move it to another zone.
  const paths = workerPaths;
  const server = `https://${zoneOf(worker()).vips.find(({ name }) => name === "kubernetes-api")?.address}:6443/api/v1/nodes/${place}`;
  const patch = JSON.stringify({ metadata: { labels: { [zoneLabel]: "internet" } } });
  const said = await asRoot(
    `curl --silent --cacert ${paths.authorities} --cert ${paths.kubelet} --request PATCH --header 'Content-Type: application/merge-patch+json' --data ${shellQuote(patch)} ${server}`,
  );
  assert.match(said, /is not allowed to modify labels: node-restriction.kubernetes.io\/zone/);
});

test("a deployment runs on it, found by its name, and each pod answers the other where a policy opens the way, and only there", async () => {
  const [first, second] = (await placeSample()).map((pod) => ({
    name: String(at(pod, "metadata", "name")),
    address: String(at(pod, "status", "podIP")),
    node: at(pod, "spec", "nodeName"),
  }));
  assert.ok(first && second);
  assert.deepEqual([first.node, second.node], [place, place]);
  const part = (zoneOf(worker()).pods.nodes[place] ?? "").replace(/\d+\/24$/, "");
  assert.ok(
    [first, second].every(({ address }) => address.startsWith(part)),
    `${first.address} ${second.address} in ${part}0/24`,
  );
  const resolved = await inPod(namespace, first.name, "resolve", `sample.${namespace}.svc.cluster.local`);
  assert.ok(resolved.ok, resolved.text);
  // What its zone's hosts are told, it is told too, and no more.
  const outside = await inPod(namespace, first.name, "resolve", worker().fqdn);
  assert.ok(outside.ok, outside.text);
  assert.equal((await inPod(namespace, first.name, "resolve", hostNamed("dc1-office-wk1").fqdn)).ok, false);

  const other = `http://${second.address}:8080`;
  const byName = `http://sample.${namespace}.svc.cluster.local`;
  assert.equal((await inPod(namespace, first.name, "get", other)).ok, false, "closed by default");
  assert.equal((await apply(opening)).code, 0);
  await until("the policy opens the way", async () => (await inPod(namespace, first.name, "get", other)).ok, 30_000);
  assert.match((await inPod(namespace, first.name, "get", byName)).text, /^sample-/);
  // Not to the API, not to the node itself, and not from another namespace.
  const cluster = hostNamed("dc1-platform-cp1").addresses.management;
  for (const closed of [`https://${cluster}:6443`, `http://${worker().addresses.management}:10250`])
    assert.equal((await inPod(namespace, first.name, "get", closed)).ok, false, closed);
  assert.equal((await apply(podOf("stranger", `${namespace}-system`))).code, 0);
  await kubectl("wait", "--for=condition=Ready", "--namespace", `${namespace}-system`, "pod/stranger", "--timeout=60s");
  assert.equal((await inPod(`${namespace}-system`, "stranger", "get", other)).ok, false, "from another namespace");
});

test("what all zones' nodes and the pods use is told by the API that kubectl top and autoscalers ask", async () => {
  const namesOf = (objects: readonly Json[]): string => String(objects.map((each) => at(each, "metadata", "name")).toSorted());
  const told = async (...words: string[]): Promise<string> => {
    const { stdout } = await kubectlSays(["top", ...words, "--no-headers"]);
    return String([...stdout.matchAll(/^(\S+) +\d+m +.*\d+Mi/gm)].map(([, name]) => name).toSorted());
  };
  const [nodes, samples] = [namesOf(at(await asked("get", "nodes"), "items") as readonly Json[]), namesOf(await pods())];
  assert.match(`${nodes} ${samples}`, /^dc1-.* sample-/);
  // Two looks at a kubelet tell, 30 s apart.
  await until("all nodes are told of", async () => (await told("node")) === nodes, 120_000);
  const ours = ["--namespace", namespace, "--selector=app=sample"];
  await until("its pods are told of", async () => (await told("pod", ...ours)) === samples, 120_000);
});

test("a pod for another zone's nodes, one in a namespace of no zone, one that names its node, and one that asks for rights on it are refused, each with what to do", async () => {
  const elsewhere = await apply(podOf("elsewhere", namespace, { nodeSelector: { [zoneLabel]: "internet" } }));
  assert.notEqual(elsewhere.code, 0);
  assert.match(elsewhere.stderr, /must be the zone of namespace platform; leave it out, and it is set/);
  const homeless = await apply(podOf("homeless", "default"));
  assert.notEqual(homeless.code, 0);
  assert.match(homeless.stderr, /namespace default belongs to no zone/);
  const named = await apply(podOf("named", namespace, { nodeName: place }));
  assert.notEqual(named.code, 0);
  assert.match(
    named.stderr,
    /spec\.nodeName: dc1-platform-wk1 is named by hand, and the scheduler chooses the node; leave it out/,
  );
  const privileged = await apply(podOf("privileged", namespace, { hostNetwork: true }));
  assert.notEqual(privileged.code, 0);
  assert.match(privileged.stderr, /PodSecurity "restricted/);
});

test("who administers a zone's namespace writes none of its network policies; what is deleted in another way takes them along", async () => {
  const asTester = (words: readonly string[], input?: string) => kubectlSays([...words, "--as=tester"], input);
  const closed = ["networkpolicy", "closed", "--namespace", namespace];
  await kubectl("create", "rolebinding", "tester", "--clusterrole=admin", "--user=tester", "--namespace", namespace);
  try {
    const made = JSON.stringify({ ...opening, metadata: { name: "by-hand", namespace } });
    const attempts: readonly [words: string[], input?: string][] = [
      [["create", "--filename=-"], made],
      [["label", ...closed, "by=hand"]],
      [["delete", ...closed]],
    ];
    for (const [words, input] of attempts) {
      // Each API server learns of the right by itself, a moment later; until then it is the right that is missing.
      const answer = { code: 0, stderr: "" };
      await until("the API server that answers knows tester's rights", async () => {
        Object.assign(answer, await asTester(words, input));
        return !answer.stderr.includes('User "tester" cannot');
      });
      assert.notEqual(answer.code, 0);
      assert.match(
        answer.stderr,
        /network policies come from the table of flows.* not tester; declare a flow in the environment file/,
      );
    }
  } finally {
    await kubectl("delete", "rolebinding", "tester", "--namespace", namespace);
  }
  await kubectl("create", "namespace", "ended");
  for (const name of ["by-itself", "with-its-namespace"])
    assert.equal((await apply({ ...opening, metadata: { name, namespace: "ended" } })).code, 0);
  await kubectl("delete", "networkpolicy", "by-itself", "--namespace", "ended", "--cascade=foreground", "--timeout=60s");
  await kubectl("delete", "namespace", "ended", "--timeout=60s");
});

test("containerd and kubelet that crash come back by themselves, and no container is started again", async () => {
  const before = await lives();
  assert.equal(before.length, 2);
  for (const program of ["containerd", "kubelet", "kube-proxy", "calico-felix"]) {
    const [old] = (await asRoot(`sv status /etc/service/${program}`)).match(/pid \d+/) ?? [];
    await asRoot(`sv kill /etc/service/${program}`);
    await until(
      `${program} runs again`,
      async () => {
        const [pid] = (await asRoot(`sv status /etc/service/${program}`)).match(/^run: .*pid \d+/) ?? [];
        return pid !== undefined && !pid.endsWith(old ?? "none");
      },
      30_000,
    );
  }
  await until("the node is ready", isReady, 60_000);
  assert.deepEqual(await lives(), before);
});

test("a node that loses the network keeps its containers, and comes back without starting one again", async () => {
  await keepsItsContainers(() => until("the node is not heard of", async () => !(await isReady()), 90_000));
});

test("a run that changes nothing starts no program again", async () => {
  const since = (): Promise<string> => asRoot("for each in /etc/service/*; do sv status $each | cut -d ')' -f 1; done");
  const before = await since();
  const outcome = await npm("up", ["--platform", "lab", "--stack", "lab-dc1-services"]);
  assert.equal(outcome.code, 0, said(outcome));
  assert.equal(await since(), before);
});

test("what was placed here is taken away again", async () => {
  await kubectl("delete", "--namespace", `${namespace}-system`, "pod/stranger");
  await removeSample();
});
