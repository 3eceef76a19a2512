import { platformOf } from "../../environments/model/flows/party.ts";
import { registryName } from "../../environments/model/registry.ts";
import type { Site, Topology } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";

/** Read at each pull, by Docker's engine with containerd's image store (https://docs.docker.com/engine/daemon/configure-registry/) and by containerd itself. */
export const imageSourcesDirectory = "/etc/docker/certs.d";

export const imageSourcesPath = (topology: Topology): string => `${imageSourcesDirectory}/${registryName(topology)}/hosts.toml`;

/** Where all that a host trusts is in one file, as Debian keeps it. An engine that runs sees there what came after its start. */
const trusted = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Where a host's images come from: its own site's registry, and while that does not answer or lacks one, the other site's. What is not of the platform's registry
 * is not touched by it. https://github.com/containerd/containerd/blob/main/docs/hosts.md
 */
export function renderImageSources(topology: Topology, site: Site): string {
  const registries = topology.sites
    .toSorted((a, b) => Number(b.name === site.name) - Number(a.name === site.name))
    .flatMap((each) => platformOf(each).vips.filter(({ name }) => name === "registry"));
  const last = registries.at(-1);
  if (!last) throw new Error(`${site.name}: no site has a VIP registry`);
  const settings = ['capabilities = ["pull", "resolve"]', `ca = ${JSON.stringify(trusted)}`];
  return [
    `# ${managed}`,
    // Asked last.
    `server = ${JSON.stringify(`https://${last.fqdn}`)}`,
    ...settings,
    ...registries
      .slice(0, -1)
      .flatMap(({ fqdn }) => ["", `[host.${JSON.stringify(`https://${fqdn}`)}]`, ...settings.map((line) => `  ${line}`)]),
    "",
  ].join("\n");
}
