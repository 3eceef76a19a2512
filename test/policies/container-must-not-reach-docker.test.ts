import { rule } from "../../policies/rules/container-must-not-reach-docker.ts";
import { ruleTests, unknown } from "./judging.ts";
import { container } from "./shown.ts";

const mount = (source: string) => [container({ mounts: [{ type: "bind", source, target: "/x" }] })];
const said = "mounts[0].source: the container can tell its host's engine what to do; given ";

ruleTests(rule, {
  refuses: [
    ["the engine's socket", mount("/var/run/docker.sock"), `${said}/var/run/docker.sock`],
    ["its directory", mount("/run"), `${said}/run`],
    ["containerd's socket", mount("/run/containerd/containerd.sock"), `${said}/run/containerd/containerd.sock`],
    ["what the engine keeps", mount("/var/lib/docker/volumes"), `${said}/var/lib/docker/volumes`],
    ["the whole disk", mount("/"), `${said}/`],
    [
      "a volume in the older notation",
      [container({ volumes: [{ hostPath: "/run/docker.sock" }] })],
      "volumes[0].hostPath: the container can tell its host's engine what to do",
    ],
  ],
  permits: [["a directory of the service", [container(), ...mount("/var/log/kubernetes"), ...mount("tandem-database-data")]]],
  waitsFor: [["a volume that is not made yet", mount(unknown)]],
});
