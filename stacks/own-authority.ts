import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Signer } from "../components/trust/certificate-authority.ts";
import { environmentsDirectory } from "../environments/model/load.ts";
import { pemCertificates } from "../environments/model/pem.ts";
import type { Authority } from "../environments/model/topology.ts";
import { refuse } from "./identity.ts";

/** An authority of the user's own as its file has it: its certificate, then its parents'. PEM. */
export interface OwnAuthority {
  readonly name: string;
  readonly certificates: readonly string[];
}

/** The user's own authority as its file has it; undefined for one that is made here. */
export function readOwnAuthority({ name, certificateFile }: Authority): OwnAuthority | undefined {
  if (certificateFile === undefined) return undefined;
  const file = join(environmentsDirectory, certificateFile);
  const where = `trust.authorities: ${name}: environments/${certificateFile}`;
  if (!existsSync(file)) throw new pulumi.RunError(`${where}: no such file; put the authority's certificate there, in PEM`);
  const certificates = pemCertificates(readFileSync(file, "utf8"));
  refuse(chainProblems(certificates, new Date()).map((problem) => `${where}: ${problem}`));
  return { name, certificates };
}

/** What is wrong with an authority's certificate and its parents': each must be an authority, be signed by the next, and end in a root. */
export function chainProblems(certificates: readonly string[], now: Date): string[] {
  const chain: X509Certificate[] = [];
  for (const [index, pem] of certificates.entries()) {
    try {
      chain.push(new X509Certificate(pem));
    } catch (error) {
      return [`certificate ${index + 1} can't be read: ${(error as Error).message}`];
    }
  }
  if (chain.length === 0) return ["holds no certificate; allowed: the authority's certificate in PEM, then those of its parents"];
  return chain.flatMap((certificate, index) => {
    const parent = chain[index + 1] ?? certificate;
    const shown = `${certificate.subject.replaceAll("\n", ", ")}`;
    return [
      ...(certificate.ca ? [] : [`${shown} is not the certificate of an authority; take the one with basicConstraints CA:TRUE`]),
      ...(certificate.validToDate > now ? [] : [`${shown} ended on ${certificate.validTo}; take one that is valid`]),
      ...(certificate.checkIssued(parent) && certificate.verify(parent.publicKey)
        ? []
        : [`${shown} is not signed by the certificate after it; append its parents in order, up to the root`]),
    ];
  });
}

/** The user's own authority as what signs. Its key is a secret of the stack; one that does not issue yet, or any more, needs none. */
export async function ownSigner({ name, certificates }: OwnAuthority, isIssuing: boolean): Promise<Signer> {
  const chain = certificates.map((pem) => new X509Certificate(pem));
  const [authority] = chain as [X509Certificate];
  return {
    certificate: pulumi.output(certificates.join("")),
    intermediates: certificates.filter((_, index) => !chain[index]?.checkIssued(chain[index])).join(""),
    privateKey: isIssuing ? await ownKey(name, authority) : pulumi.secret(""),
    endTime: pulumi.output(authority.validToDate.toISOString()),
  };
}

async function ownKey(name: string, authority: X509Certificate): Promise<pulumi.Output<string>> {
  const setting = `tandem:authorityKey-${name}`;
  const stack = pulumi.getStack();
  const key = new pulumi.Config("tandem").getSecret(`authorityKey-${name}`);
  if (!key) {
    const missing = `authority ${name}: its private key is not in the stack: npm run -s pulumi -- config set --secret ${setting} --stack ${stack} < <file>`;
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(missing);
    await pulumi.log.warn(`${missing}. An up is refused until then.`);
    return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<string>;
  }
  const text = await new Promise<string>((resolve) => key.apply(resolve));
  refuse(keyProblems(text, authority).map((problem) => `${setting} of stack ${stack}: ${problem}`));
  return key;
}

/** Whether a private key is an authority's; says nothing of the key itself. */
export function keyProblems(key: string, authority: X509Certificate): string[] {
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey(key);
  } catch {
    return ["not a private key in PEM without a passphrase"];
  }
  return authority.checkPrivateKey(parsed) ? [] : ["not the key of the authority's certificate"];
}
