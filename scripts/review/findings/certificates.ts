import type { Step } from "../../deploy/steps.ts";
import type { Finding } from "./finding.ts";

const issued = "tls:index/locallySignedCert:LocallySignedCert";
const replaced = (steps: readonly Step[], type: string): Step[] =>
  steps.filter((step) => step.type === type && step.op === "replace");

/** Certificates of services that are made anew: what has one starts again, and it is on other stacks. */
export function certificateFindings(steps: readonly Step[]): Finding[] {
  const [certificates, requests] = [replaced(steps, issued), replaced(steps, "tls:index/certRequest:CertRequest")];
  if (certificates.length === 0) return [];
  const names = certificates.map(({ name }) => name.replace(/-certificate$/, ""));
  const because = new Set(
    [...requests, ...certificates].flatMap(({ replacing }) => replacing).filter((path) => path !== "certRequestPem"),
  );
  const few = names.slice(0, 4).join(", ") + (names.length > 4 ? `, and ${names.length - 4} more` : "");
  return [
    {
      weight: "care",
      subject: "certificates",
      what: `${names.length === 1 ? "one is" : `${names.length} are`} issued again, because of ${[...because].join(", ")}: ${few}`,
      todo: "what has one starts again when its own stack comes up, one host after another: bring the stacks up soon, before the old ones end",
    },
  ];
}
