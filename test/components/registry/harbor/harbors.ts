import assert from "node:assert/strict";
import { type HarborSecrets, type SiteHarbor, siteHarbor } from "../../../../components/registry/harbor/harbor.render.ts";
import { harborParts } from "../../../../components/registry/harbor/parts.render.ts";
import { platformOf } from "../../../../environments/model/flows/party.ts";
import { loadEnvironment } from "../../../../environments/model/load.ts";
import { harborPasswords } from "../../../../environments/model/registry.ts";
import type { Site } from "../../../../environments/model/topology.ts";
import { topologyOf } from "../../../../environments/model/topology-of.ts";

export const reference = topologyOf(loadEnvironment("reference"));

export function harborOf(site: Site): SiteHarbor {
  const host = platformOf(site).hosts.find(({ role }) => role === "registry");
  assert.ok(host);
  return siteHarbor(site, host);
}

/** As the trust stack makes them: letters and digits, 32 of them; each tells what it is. */
const planted = (what: string): string => `Zq9${what}`.padEnd(32, "Xw7");

/** What a test's Harbor has instead of what the trust stack made. */
export const plantedSecrets: HarborSecrets = {
  ...(Object.fromEntries(harborPasswords.map((name) => [name, planted(name)])) as Record<
    (typeof harborPasswords)[number],
    string
  >),
  // Made by crypt(3) of the password `storage`.
  storageHash: "$2a$10$abcdefghijklmnopqrstuuptSt2nbWaKXevPY3Eu6Mu4/LuHFto0K",
  monitoring: planted("monitoring"),
  tokenKey: "PlantedTokenKey\n",
  certificate: "PlantedCertificateAndKey\n",
};

export interface Rendered {
  readonly name: string;
  readonly text: string;
  readonly isSecret: boolean;
}

/** All that a site's Harbor reads but the authorities. */
export const renderedFiles = (site: Site): Rendered[] =>
  harborParts(harborOf(site)).flatMap(({ files }) =>
    files.map((file) =>
      "content" in file
        ? { name: file.name, text: file.content, isSecret: false }
        : { name: file.name, text: file.secret(plantedSecrets), isSecret: true },
    ),
  );
