import type { Topology } from "../../environments/model/topology.ts";
import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { dockerVolume } from "../subjects.ts";

/** Types whose loss is a loss of data, or of what both sites must agree on. */
const holders: Readonly<Record<string, string>> = {
  [dockerVolume]: "data of a service",
  "kubernetes:core/v1:PersistentVolume": "where a zone's data are on the NAS",
  "kubernetes:core/v1:PersistentVolumeClaim": "a zone's hold on its data",
  "random:index/randomPassword:RandomPassword": "a password that both sites have",
  "tls:index/selfSignedCert:SelfSignedCert": "the platform's authority, which every host trusts",
};

/** An authority of those that are trusted and issue nothing comes and goes in a rotation. */
const isNotIssuing = (name: string, { trust }: Topology): boolean =>
  trust.authorities.slice(1).some((authority) => name.endsWith(`-${authority.name}-certificate`));

export const rule: ResourceRule = {
  name: "data-must-be-protected",
  holds: "No ordinary change deletes or replaces what holds data, passwords or the authority",
  source: own(
    "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    "the engine refuses to delete or replace what is protected",
  ),
  level: "mandatory",
  types: Object.keys(holders),
  *check({ type, name, isProtected }, { plan, topology }) {
    // What a lab's machines have is gone with the lab.
    if (isProtected || plan.kind === "machines" || isNotIssuing(name, topology)) return;
    yield {
      what: `a change could delete ${holders[type]}`,
      given: "protect: false",
      allowed: "protect: true",
      fix: "protect it in its component; who has to let go of it takes the protection away by hand, with npm run pulumi -- state unprotect",
    };
  },
};
