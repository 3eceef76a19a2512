import { CertificateAuthority } from "../components/trust/certificate-authority.ts";
import type { Topology } from "../environments/model/topology.ts";
import { identityProblems, refuse } from "./identity.ts";
import { readRecordedIdentity } from "./upstream.ts";

/** What both sites must agree on: the certificate authority. */
export async function trust(topology: Topology): Promise<Record<string, unknown>> {
  refuse(identityProblems(await readRecordedIdentity(), { platform: topology.platform, hostKeys: {} }));
  const authority = new CertificateAuthority("authority", {
    platform: topology.platform,
    organization: topology.trust.organization,
    validityHours: topology.trust.authorityLifetimeDays * 24,
  });
  return { identity: { platform: topology.platform, hosts: {} }, authorityCertificate: authority.certificate };
}
