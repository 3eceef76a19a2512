import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../../components/trust/credentials.ts";
import {
  type AuthorityRole,
  authorityRolesOf,
  type Certificate,
  certificatesOf,
  signingKeysOf,
} from "../../environments/model/certificates.ts";
import type { Topology } from "../../environments/model/topology.ts";
import { testAuthority } from "./certificates.ts";

/** Credentials of the names and subjects that the model gives, made by OpenSSL below a directory; only the ones that are asked for. */
export function testCredentials(
  topology: Topology,
  directory: string,
  password: Credentials["password"] = () => pulumi.secret("0123456789abcdefghijklmnopqrstuv"),
): Credentials {
  const authorities = new Map(authorityRolesOf(topology).map((role) => [role, authorityIn(join(directory, role))]));
  const certificates = new Map(certificatesOf(topology).map((certificate) => [certificate.name, certificate]));
  const made = new Set<string>();
  const known = <K, V>(map: ReadonlyMap<K, V>, key: K): V => {
    const value = map.get(key);
    if (value === undefined) throw new Error(`the test's credentials have no ${String(key)}`);
    return value;
  };
  const authority = (role: AuthorityRole) => known(authorities, role);
  const serviceAccountKey = (site: string): string => {
    const file = join(directory, `service-account-${site}.key`);
    if (!made.has(file))
      execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file]);
    made.add(file);
    return file;
  };
  return {
    authorities: (role) => pulumi.output(readFileSync(join(authority(role).directory, "ca.crt"), "utf8")),
    issued: (name) => {
      const certificate = known(certificates, name);
      const { directory: where, sign } = authority(certificate.signedBy);
      if (!made.has(name)) sign(name, subjectOf(certificate), extensionsOf(certificate));
      made.add(name);
      const text = (ending: string): string => readFileSync(join(where, `${name}.${ending}`), "utf8");
      return { certificate: pulumi.output(text("crt")), privateKey: pulumi.secret(text("key")) };
    },
    privateKey: (name) => {
      if (signingKeysOf(topology).includes(name)) return pulumi.secret(signingKey());
      const file = name.startsWith("service-account-")
        ? serviceAccountKey(name.slice("service-account-".length))
        : join(authority(name as AuthorityRole).directory, "ca.key");
      return pulumi.secret(readFileSync(file, "utf8"));
    },
    serviceAccountPublicKeys: (site) =>
      pulumi.output(execFileSync("openssl", ["pkey", "-pubout", "-in", serviceAccountKey(site)], { encoding: "utf8" })),
    password,
  };
}

function authorityIn(directory: string): { readonly directory: string; readonly sign: ReturnType<typeof testAuthority> } {
  mkdirSync(directory);
  return { directory, sign: testAuthority(directory) };
}

/** In the form that the trust stack gives it, but not as long. */
const signingKey = (): string => execFileSync("openssl", ["genrsa", "-traditional", "2048"], { encoding: "utf8", stdio: "pipe" });

const subjectOf = ({ subject: { commonName, organization, organizationalUnit } }: Certificate): string =>
  `${organization === undefined ? "" : `/O=${organization}`}${organizationalUnit === undefined ? "" : `/OU=${organizationalUnit}`}/CN=${commonName}`;

function extensionsOf({ dnsNames, ipAddresses, uses }: Certificate): string {
  const names = [...dnsNames.map((name) => `DNS:${name}`), ...ipAddresses.map((address) => `IP:${address}`)];
  return [
    `extendedKeyUsage=${uses.map((use) => `${use}Auth`).join(",")}`,
    ...(names.length > 0 ? [`subjectAltName=${names.join(",")}`] : []),
  ].join("\n");
}
