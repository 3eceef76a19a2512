import * as pulumi from "@pulumi/pulumi";
import type { TrustedCertificate } from "../components/host/host-preparation.ts";
import type { Credentials } from "../components/trust/credentials.ts";
import type { Topology } from "../environments/model/topology.ts";
import { readOwnAuthority } from "./own-authority.ts";
import { readTrust, type TrustOutputs } from "./upstream.ts";

/** The certificates that hosts trust: of authorities that are made here from the trust stack, of the user's own from its file. */
export async function trustedAuthorities(topology: Topology): Promise<TrustedCertificate[]> {
  return trustedBy(topology, await readTrust(topology.platform, "authorities"));
}

/** What the platform's services show and believe. Public and secret parts are read apart: what is read together is secret as a whole. */
export async function credentialsOf(topology: Topology): Promise<Credentials> {
  const { platform } = topology;
  const authorities = await readTrust(platform, "authorities");
  const publicKeys = await readTrust(platform, "serviceAccountPublicKeys");
  const certificates = await readTrust(platform, "certificates");
  const privateKeys = await readTrust(platform, "privateKeys");
  const passwords = await readTrust(platform, "passwords");
  const missing = (what: string): never => {
    throw new pulumi.RunError(`stack ${platform}-trust has no ${what} yet; deploy ${platform}-trust first`);
  };
  const privateKey = (name: string): pulumi.Output<string> =>
    privateKeys.apply(({ privateKeys: all }) => all[name] ?? missing(`key ${name}`));
  return {
    authorities: (role) =>
      role === "platform"
        ? pulumi.all(trustedBy(topology, authorities).map(({ certificate }) => certificate)).apply((all) => all.join(""))
        : authorities.apply(
            ({ authorities: all }) => all[role]?.map(({ certificate }) => certificate).join("") ?? missing(`authority ${role}`),
          ),
    issued: (name) => ({
      certificate: certificates.apply(({ certificates: all }) => all[name] ?? missing(`certificate ${name}`)),
      privateKey: privateKey(name),
    }),
    privateKey,
    serviceAccountPublicKeys: (site) =>
      publicKeys.apply(
        ({ serviceAccountPublicKeys: all }) => all[site]?.join("") ?? missing(`service account's keys of ${site}`),
      ),
    password: (purpose) => passwords.apply(({ passwords: all }) => all[purpose] ?? missing(`password ${purpose}`)),
  };
}

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
