import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentsDirectory } from "../../environments/model/load.ts";
import { pemCertificates } from "../../environments/model/pem.ts";
import type { Topology } from "../../environments/model/topology.ts";
import type { StackOutputs } from "../deploy/stack-outputs.ts";

/** In PEM, one by one, those that hosts trust: of the trust stack, and the user's own. */
export function authoritiesOf({ trust }: Topology, { values }: StackOutputs): string[] {
  const made = values["authorities"] as Readonly<Record<string, readonly { readonly certificate: string }[]>> | undefined;
  return [
    ...(made?.["platform"] ?? []).map(({ certificate }) => certificate),
    ...trust.authorities.flatMap(({ certificateFile }) =>
      certificateFile === undefined ? [] : pemCertificates(readFileSync(join(environmentsDirectory, certificateFile), "utf8")),
    ),
  ];
}
