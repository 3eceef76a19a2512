import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "an authority is listed once",
    platform: "lab",
    edit: (e) => {
      e.set("trust authorities", ["a1", { name: "a1", certificateFile: "corp.crt" }]);
    },
    problems: [
      "trust.authorities[1]: the same authority twice; given a1; allowed a name of its own; fix: remove it, or give a new authority a new name",
    ],
  },
  {
    promise: "certificates are not renewed in every run",
    platform: "lab",
    edit: (e) => {
      e.set("trust certificates renewDays", 365);
    },
    problems: [
      "trust.certificates.renewDays: every up would renew every certificate; given 365; allowed less than lifetimeDays, 365; fix: about a sixth of lifetimeDays",
    ],
  },
  {
    promise: "an authority outlives what it signs",
    platform: "lab",
    edit: (e) => {
      e.set("trust newAuthorities lifetimeDays", 365);
    },
    problems: [
      "trust.certificates.lifetimeDays: certificates would outlive the authority that signs them; given 365; allowed less than newAuthorities.lifetimeDays, 365; fix: let authorities live longer, ten years as a rule",
    ],
  },
  {
    promise: "an authority's name, key and file are such as can be used",
    platform: "lab",
    edit: (e) => {
      e.set("trust authorities", ["A1", { name: "corp", certificateFile: "../corp.crt" }]);
      e.set("trust newAuthorities key", "ecdsa-p385");
    },
    problems: [
      "trust.authorities[0]: not a value that can be used here; given A1; allowed an authority's name: a lower-case letter, then lower-case letters and digits; fix: give an allowed value",
      "trust.authorities[1].certificateFile: not a value that can be used here; given ../corp.crt; allowed a file name without directories; fix: give an allowed value",
      "trust.newAuthorities.key: not a value that can be used here; given ecdsa-p385; allowed ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096; fix: did you mean ecdsa-p384?",
    ],
  },
]);
