import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, type Signer } from "../components/trust/certificate-authority.ts";
import { ClusterAuthorities } from "../components/trust/cluster-authorities.ts";
import { Passwords } from "../components/trust/passwords.ts";
import { ServiceCertificates } from "../components/trust/service-certificates.ts";
import { SigningKeys } from "../components/trust/signing-keys.ts";
import {
  type AuthorityRole,
  certificatesOf,
  frontProxyAuthority,
  hashedPasswordsOf,
  kubernetesAuthority,
  passwordsOf,
  signingKeysOf,
} from "../environments/model/certificates.ts";
import { stacksOf } from "../environments/model/stack-names.ts";
import type { Authority, Topology } from "../environments/model/topology.ts";
import { identityProblems, refuse } from "./identity.ts";
import { ownSigner, readOwnAuthority } from "./own-authority.ts";
import { leftBehindProblems, rotationProblems, trustingStacks } from "./rotation.ts";
import { readRecordedAuthorities, readRecordedIdentity, readTakenUpAuthorities, type TrustOutputs } from "./upstream.ts";

/** What both sites must agree on: certificate authorities, certificates, passwords. */
export async function trust(topology: Topology): Promise<Record<string, unknown>> {
  const { platform } = topology;
  refuse(identityProblems(await readRecordedIdentity(), { platform, hostKeys: {} }));
  await guardRotation(topology);
  const generations = await Promise.all(
    topology.trust.authorities.map((authority, index) => declareGeneration(topology, authority, index === 0)),
  );
  const [issuing] = generations as [Generation];
  const certificates = new ServiceCertificates("certificates", {
    certificates: certificatesOf(topology),
    settings: topology.trust.certificates,
    signers: issuing.signers,
  });
  const passwords = new Passwords("passwords", { purposes: passwordsOf(topology), hashed: hashedPasswordsOf(topology) });
  const signing = new SigningKeys("signing-keys", { names: signingKeysOf(topology) });
  return { identity: { platform, hosts: {} }, ...outputsOf(generations, issuing, certificates, passwords, signing) };
}

/** An authority with all that comes and goes with it. */
interface Generation {
  readonly name: string;
  readonly signers: ReadonlyMap<AuthorityRole, Signer>;
  /** By site. */
  readonly clusters: ReadonlyMap<string, ClusterAuthorities>;
}

async function declareGeneration(topology: Topology, authority: Authority, isIssuing: boolean): Promise<Generation> {
  const { platform, trust: settings, sites } = topology;
  const { name } = authority;
  const own = readOwnAuthority(authority);
  const platformSigner = own
    ? await ownSigner(own, isIssuing)
    : new CertificateAuthority(`authority-${name}`, {
        commonName: `${platform} platform ${name}`,
        organization: settings.organization,
        ...settings.newAuthorities,
        isIssuing,
      });
  const clusters = new Map(
    sites.map((site) => [
      site.name,
      new ClusterAuthorities(`cluster-${site.name}-${name}`, {
        platform,
        site: site.name,
        generation: name,
        trust: settings,
        isIssuing,
      }),
    ]),
  );
  const ofClusters = [...clusters].flatMap(([site, { kubernetes, frontProxy }]): [AuthorityRole, Signer][] => [
    [kubernetesAuthority(site), kubernetes],
    [frontProxyAuthority(site), frontProxy],
  ]);
  return { name, signers: new Map([["platform", platformSigner], ...ofClusters]), clusters };
}

function outputsOf(
  generations: readonly Generation[],
  issuing: Generation,
  { issued }: ServiceCertificates,
  passwords: Passwords,
  signing: SigningKeys,
): { readonly [K in keyof TrustOutputs]: pulumi.Output<TrustOutputs[K]> } {
  const roles = [...issuing.signers.keys()];
  const sites = [...issuing.clusters.keys()];
  const signersOf = (role: AuthorityRole): { name: string; signer: Signer }[] =>
    generations.flatMap(({ name, signers }) => {
      const signer = signers.get(role);
      return signer ? [{ name, signer }] : [];
    });
  const byName = <T>(entries: readonly (readonly [string, T])[]) => pulumi.output(Object.fromEntries(entries));
  return {
    authorities: byName(
      roles.map((role) => [role, signersOf(role).map(({ name, signer }) => ({ name, certificate: signer.certificate }))]),
    ),
    serviceAccountPublicKeys: byName(
      sites.map((site) => [site, generations.flatMap(({ clusters }) => clusters.get(site)?.serviceAccount.publicKey ?? [])]),
    ),
    certificates: byName([...issued].map(([name, { certificate }]) => [name, certificate])),
    privateKeys: byName([
      ...[...issued].map(([name, { privateKey }]) => [name, privateKey] as const),
      ...[...issuing.clusters].flatMap(([site, { kubernetes, serviceAccount }]) => [
        [kubernetesAuthority(site), kubernetes.privateKey] as const,
        [`service-account-${site}`, serviceAccount.privateKey] as const,
      ]),
      ...signing.values,
    ]),
    passwords: pulumi.output(passwords.values),
    expiry: byName([
      ...roles.flatMap((role) =>
        signersOf(role).map(({ name, signer }) => [`${role}-${name}`, toSeconds(signer.endTime)] as const),
      ),
      ...[...issued].map(([name, { endTime }]) => [name, toSeconds(endTime)] as const),
    ]),
  };
}

/** As the certificate itself has it: the provider adds parts of a second. */
const toSeconds = (time: pulumi.Output<string>): pulumi.Output<string> =>
  time.apply((text) => `${new Date(text).toISOString().slice(0, 19)}Z`);

/** Refuses a step of a rotation after which something would not be trusted. */
async function guardRotation(topology: Topology): Promise<void> {
  const { platform } = topology;
  const recorded = await readRecordedAuthorities();
  if (!recorded) return;
  const declared = topology.trust.authorities.map((authority) => {
    const [certificate] = readOwnAuthority(authority)?.certificates ?? [];
    return { name: authority.name, ...(certificate !== undefined && { certificate }) };
  });
  const rotation = { platform, recorded, declared };
  refuse(rotationProblems(rotation));
  if (recorded.map(({ name }) => name).join() === declared.map(({ name }) => name).join()) return;
  const takenUp = new Map<string, readonly string[]>();
  for (const name of trustingStacks(stacksOf(topology))) {
    const names = await readTakenUpAuthorities(name);
    if (names) takenUp.set(name, names);
  }
  refuse(leftBehindProblems(rotation, takenUp));
}
