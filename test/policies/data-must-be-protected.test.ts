import { rule } from "../../policies/rules/data-must-be-protected.ts";
import { reference, ruleTests } from "./judging.ts";

const volume = { type: "docker:index/volume:Volume", inputs: { name: "tandem-database-data" } };
const inRotation = { ...reference, trust: { ...reference.trust, authorities: [{ name: "a2" }, { name: "a1" }] } };
const authority = {
  name: "authority-a2-certificate",
  type: "tls:index/selfSignedCert:SelfSignedCert",
  inputs: { isCaCertificate: true },
};

ruleTests(rule, {
  refuses: [
    ["a volume", [volume], "a change could delete data of a service; given protect: false"],
    ["the authority", [authority], "a change could delete the platform's authority, which every host trusts"],
    ["what issues in a rotation", [authority], "a change could delete the platform's authority", { topology: inRotation }],
  ],
  permits: [
    ["what is protected", [volume, authority].map((each) => ({ ...each, isProtected: true }))],
    ["what has issued in a rotation", [{ ...authority, name: "kubernetes-dc1-a1-certificate" }], { topology: inRotation }],
    ["what goes with its lab", [volume], { stack: "reference-machines", topology: { ...reference, machines: "lab" } }],
  ],
  waitsFor: [],
});
