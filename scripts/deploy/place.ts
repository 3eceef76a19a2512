import type Docker from "dockerode";
import { type Host, platformZone, type Site } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { clientOf } from "../lab/daemon.ts";
import { dockerClient } from "./drift/containers.ts";
import { loginOf, sshOptionsOf } from "./drift/login.ts";
import { nearest } from "./nearest.ts";
import type { Platform, PlatformInPlace } from "./platform.ts";

/** A site as commands reach it that look at its services. */
export interface Place extends PlatformInPlace {
  readonly site: Site;
}

/** A site by its name; without one, the active site. */
export function siteNamed({ topology: { sites } }: Pick<Platform, "topology">, name: string | undefined): Site {
  const site = name === undefined ? sites[0] : sites.find((one) => one.name === name);
  const names = sites.map((one) => one.name);
  if (!site)
    throw new UserError(
      `--site ${JSON.stringify(name)}: there is no such site${nearest(name ?? "", names)}; allowed are ${names.join(", ")}`,
    );
  return site;
}

/** A role's hosts of the site's platform zone that are in service, by name. */
export const hostsWith = ({ site }: Pick<Place, "site">, role: Host["role"]): Host[] =>
  (site.zones.find(({ name }) => name === platformZone)?.hosts ?? [])
    .filter((host) => host.role === role && host.inService)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The Docker engine of a host: the lab's one, or the host's own through SSH. */
function engineOf(place: Place, host: Host): Docker {
  if (place.lab) return clientOf(place.lab.dockerHost);
  const login = loginOf(place, host);
  return dockerClient({ host: `ssh://${login.user}@${login.address}:${login.port}`, sshOptions: sshOptionsOf(login) });
}

/** A service's container, which is called by the rule of the host component. */
export const serviceOn = (place: Place, host: Host, service: string): Docker.Container =>
  engineOf(place, host).getContainer(place.lab ? `tandem-${place.lab.id}-${host.name}-${service}` : `tandem-${service}`);
