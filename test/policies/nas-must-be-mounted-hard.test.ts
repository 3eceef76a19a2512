import { rule } from "../../policies/rules/nas-must-be-mounted-hard.ts";
import { ruleTests, unknown } from "./judging.ts";

const docker = (o: string, type = "nfs") => ({
  type: "docker:index/volume:Volume",
  inputs: { driverOpts: { type, o, device: ":/policy/x" } },
});
const persistent = (mountOptions: readonly string[], server = "nas.reference.tandem.internal") => ({
  type: "kubernetes:core/v1:PersistentVolume",
  inputs: { spec: { mountOptions, nfs: { server, path: "/policy/x" } } },
});
const storageClass = (server: string) => ({
  type: "kubernetes:storage.k8s.io/v1:StorageClass",
  inputs: { mountOptions: ["nfsvers=4.1", "hard"], parameters: { server, share: "/policy/x" } },
});

ruleTests(rule, {
  refuses: [
    [
      "a volume that gives up",
      [docker("addr=nas.reference.tandem.internal,nfsvers=4.1,soft")],
      "driverOpts.o: writes get lost while the NAS is away; given addr=nas.reference.tandem.internal,nfsvers=4.1,soft; allowed hard",
    ],
    [
      "one of the old protocol",
      [persistent(["hard", "nfsvers=3"])],
      "spec.mountOptions: locks and sessions don't survive a NAS that moves; given hard,nfsvers=3",
    ],
    [
      "one site's own address",
      [persistent(["hard", "nfsvers=4.1"], "10.20.12.20")],
      "spec.mountOptions: at the other site this would mean the NAS of this one; given 10.20.12.20",
    ],
    ["a class's", [storageClass("10.20.12.20")], "mountOptions: at the other site this would mean the NAS of this one"],
  ],
  permits: [
    [
      "hard mounts by the alias",
      [
        docker("addr=nas.reference.tandem.internal,nfsvers=4.1,hard"),
        persistent(["nfsvers=4.1", "hard"]),
        storageClass("nas.reference.tandem.internal"),
      ],
    ],
    ["what is no volume of the NAS", [docker("bind", "none"), { type: "docker:index/volume:Volume", inputs: { name: "x" } }]],
  ],
  waitsFor: [["options that depend on another resource", [docker(unknown)]]],
});
