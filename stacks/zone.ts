import * as pulumi from "@pulumi/pulumi";
import { HostPreparation, type TrustedCertificate } from "../components/host/host-preparation.ts";
import type { Site, Topology, Zone } from "../environments/model/topology.ts";
import { declareHosts } from "./hosts.ts";
import { readOwnAuthority } from "./own-authority.ts";
import { readTrust, type TrustOutputs } from "./upstream.ts";

/** A zone of a site: its hosts, prepared, on their three planes. */
export async function zone(topology: Topology, site: Site, zone: Zone): Promise<Record<string, unknown>> {
  const { hosts, identity } = await declareHosts(topology, { site, zone }, zone.hosts);
  const authorities = trustedBy(topology, await readTrust(topology.platform, "authorities"));
  const prepared = [...hosts.values()].map(
    (host) => new HostPreparation(`preparation-${host.place.name}`, { host, topology, zone, authorities }),
  );
  const names = topology.trust.authorities.map(({ name }) => name);
  // Recorded only when all hosts trust them: the next step of a rotation asks for it.
  return { identity, authorities: pulumi.all(prepared.map(({ trusts }) => trusts)).apply(() => names) };
}

/** The certificates that hosts trust: of authorities that are made here from the trust stack, of the user's own from its file. */
function trustedBy(topology: Topology, upstream: pulumi.Output<Pick<TrustOutputs, "authorities">>): TrustedCertificate[] {
  return topology.trust.authorities.flatMap((authority): TrustedCertificate[] => {
    const { name } = authority;
    const own = readOwnAuthority(authority);
    if (own)
      return own.certificates.map((certificate, index) => ({ name: index === 0 ? name : `${name}-${index + 1}`, certificate }));
    const certificate = upstream.apply(({ authorities }) => {
      const made = authorities.platform?.find((each) => each.name === name);
      return made ? pulumi.output(made.certificate) : notMadeYet(topology, name);
    });
    return [{ name, certificate }];
  });
}

function notMadeYet({ platform }: Topology, authority: string): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<string>;
  throw new pulumi.RunError(`stack ${platform}-trust has no authority ${authority} yet; deploy ${platform}-trust first`);
}
