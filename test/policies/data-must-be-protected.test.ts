import { rule } from "../../policies/rules/data-must-be-protected.ts";
import { reference, ruleTests } from "./judging.ts";

const volume = { type: "docker:index/volume:Volume", inputs: { name: "tandem-database-data" } };
const authority = { type: "tls:index/selfSignedCert:SelfSignedCert", inputs: { isCaCertificate: true } };

ruleTests(rule, {
  refuses: [
    ["a volume", [volume], "a change could delete data of a service; given protect: false"],
    ["the authority", [authority], "a change could delete the platform's authority, which every host trusts"],
  ],
  permits: [
    ["what is protected", [volume, authority].map((each) => ({ ...each, isProtected: true }))],
    ["what goes with its lab", [volume], { stack: "reference-machines", topology: { ...reference, machines: "lab" } }],
  ],
  waitsFor: [],
});
