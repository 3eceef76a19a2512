import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDistribution } from "../../../components/registry/distribution.render.ts";
import { renderAccounts, renderFront } from "../../../components/registry/front.render.ts";
import { registryPaths, siteRegistry } from "../../../components/registry/registry.render.ts";
import {
  renderEvent,
  renderInventory,
  renderLogin,
  renderReplication,
  renderRequest,
  replicationPaths,
} from "../../../components/registry/replication.render.ts";
import { platformOf } from "../../../environments/model/flows/party.ts";
import { loadEnvironment } from "../../../environments/model/load.ts";
import { registryAccounts, registryName } from "../../../environments/model/registry.ts";
import type { Host, Site, Topology, Vip } from "../../../environments/model/topology.ts";
import { topologyOf } from "../../../environments/model/topology-of.ts";
import { serviceImages } from "../../../scripts/lab/service-images.ts";
import { testAuthority } from "../../support/certificates.ts";
import { whenInterrupted } from "../../support/interrupted.ts";
import { unpacked } from "../../support/unpacked.ts";
import { type How, OneRegistry } from "./one-registry.ts";

// The registries of both sites with the programs of the lab's images and what their components write, and a cable between them.

export interface RegistryPair {
  readonly first: OneRegistry;
  readonly second: OneRegistry;
  /** Passwords by account. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Where images lie that are pushed; `/images` on the hosts. */
  readonly images: string;
  /** Who signed the registries' certificates: a file in PEM. */
  readonly authorities: string;
  /** Gives each site a role; takes effect where parts are started. */
  become(roles: Readonly<Record<string, Site["role"]>>): void;
  /** Frames are lost, and nobody is told: as between two sites. */
  link(state: "up" | "down"): void;
  stop(): Promise<void>;
}

/** Three seconds, so that comparisons come often. */
const often = 3 / 60;

export async function startPair(): Promise<RegistryPair> {
  const home = mkdtempSync(join(tmpdir(), "tandem-registry-"));
  const [registry, haproxy] = [await unpacked(serviceImages.registry), await unpacked(serviceImages.haproxy)];
  const remove = (): void => {
    rmSync(home, { recursive: true, force: true });
    for (const image of [registry, haproxy]) image.remove();
  };
  whenInterrupted(remove);
  const environment = loadEnvironment("lab", { slot: 0 });
  let topology = topologyOf(environment);
  const accounts = Object.fromEntries(registryAccounts(topology).map(({ name }) => [name, `password-of-${name}`]));
  const sign = testAuthority(home);
  const images = join(home, "images");
  mkdirSync(images);
  const make = async (name: string): Promise<OneRegistry> => {
    const host = registryHost(topology, name);
    const names = [host.name, host.fqdn, registryName(topology)].map((each) => `DNS:${each}`);
    sign(host.name, `/CN=${host.name}`, `subjectAltName=${[...names, `IP:${host.addresses.management}`].join(",")}`);
    const one = new OneRegistry({
      ...{ host, images, directory: join(home, name), roots: { registry: registry.root, haproxy: haproxy.root } },
      registry: () => siteRegistry(topology, siteOf(topology, name), host),
      configuration: (how) => configuration(topology, host, accounts, home, how),
    });
    await one.isThere();
    return one;
  };
  const [first, second] = [await make("dc1"), await make("dc2")];
  first.connect(second);
  const [cable] = JSON.parse(second.onNetwork("ip", "-json", "link", "show", "cable")) as [{ readonly address: string }];
  return {
    ...{ first, second, accounts, images, authorities: join(home, "ca.crt") },
    become: (roles) => {
      const sites = Object.entries(environment.sites).map(([name, site]) => [name, { ...site, role: roles[name] ?? site.role }]);
      topology = topologyOf({ ...environment, sites: Object.fromEntries(sites) as typeof environment.sites });
    },
    link: (state) => {
      const station = ["lladdr", state === "up" ? cable.address : "02:00:00:00:00:01", "nud", "permanent"];
      first.onNetwork("ip", "neighbour", "replace", second.host.addresses.management, "dev", "cable", ...station);
    },
    stop: async () => {
      for (const one of [first, second]) await one.stop();
      remove();
    },
  };
}

const siteOf = ({ sites }: Topology, name: string): Site => sites.find((site) => site.name === name) as Site;

function registryHost({ sites }: Topology, name: string): Host {
  const site = sites.find((each) => each.name === name);
  const host = site && platformOf(site).hosts.find(({ role }) => role === "registry");
  if (!host) throw new Error(`${name}: the lab has no registry there`);
  return host;
}

/** What a registry's components write; the other site is reached without its balancers. */
function configuration(
  topology: Topology,
  host: Host,
  accounts: RegistryPair["accounts"],
  authority: string,
  { everyMinutes = often }: How,
): Readonly<Record<string, string>> {
  const [other] = topology.sites.filter(({ name }) => name !== host.site) as [Site];
  const { fqdn, addresses } = registryHost(topology, other.name);
  const to: Vip = { name: "registry", fqdn, plane: "management", address: addresses.management, vrid: 1, holders: [] };
  const registry = siteRegistry(topology, siteOf(topology, host.site), host);
  const pem = (file: string): string => readFileSync(join(authority, file), "utf8");
  const password = accounts["replication"] ?? "";
  return {
    [registryPaths.server]: renderDistribution(registry),
    [registryPaths.front]: renderFront(registry),
    [registryPaths.accounts]: renderAccounts(Object.entries(accounts).map(([account, each]) => ({ account, password: each }))),
    [registryPaths.certificate]: pem(`${host.name}.crt`) + pem(`${host.name}.key`),
    [registryPaths.inventory]: renderInventory(),
    [replicationPaths.run]: renderReplication({ to, everyMinutes }),
    [replicationPaths.event]: renderEvent(),
    [replicationPaths.authorities]: pem("ca.crt"),
    [replicationPaths.login]: renderLogin({ to, everyMinutes }, password),
    [replicationPaths.request]: renderRequest(password),
  };
}
