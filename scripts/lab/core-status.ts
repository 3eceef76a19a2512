import { labNames } from "../../environments/model/lab.ts";
import { balancerPorts, controlPlanePorts, databasePorts, platformPorts } from "../../environments/model/ports.ts";
import type { Host, Zone } from "../../environments/model/topology.ts";
import { gatewayReading } from "./gateway-status.ts";
import type { Lab } from "./instance.ts";
import { addressesIn } from "./links.ts";
import { nodeReading } from "./node-status.ts";
import { page, pagesIn } from "./pages.ts";
import { runIn } from "./run-in.ts";

/** What the service of a core host, a gateway or a worker says of itself. */
export interface Word {
  /** As in `serves`, `writer`, `holds database`, or what is wrong. */
  readonly says: string;
  readonly isWell: boolean;
  /** Of a database node: clients may write here. */
  readonly isWriter?: boolean;
  /** Of a balancer: the VIPs that it holds, by name. Of a gateway: whether it holds its zone's addresses. */
  readonly holds?: readonly string[];
}

const serving = "serves";

export const coreVips = ["database", "kubernetes-api"] as const;

export type Reading = { readonly command: string; readonly read: (output: string) => Word };

/** Core hosts, gateways and workers are asked on the host itself; undefined for other roles. */
export function readingOf(host: Host, zone: Zone): Reading | undefined {
  const { management, storage } = host.addresses;
  switch (host.role) {
    case "database": {
      const health = `http://${storage}:${databasePorts.health}`;
      return { command: page([`${health}/`, `${health}/writer`]), read: databaseWord };
    }
    case "balancer": {
      const vips = zone.vips.filter(({ name }) => coreVips.some((each) => each === name));
      const command = `ip -json address && ${page([`http://127.0.0.1:${balancerPorts.health}/`])}`;
      return { command, read: (output) => balancerWord(output, vips) };
    }
    case "control-plane": {
      const command = page(
        [`https://${management}:${controlPlanePorts.api}/readyz`],
        "--cacert /etc/tandem/control-plane/authorities.pem",
      );
      return { command, read: controlPlaneWord };
    }
    case "nas": {
      const answers = `bash -c ': < /dev/tcp/${storage}/${platformPorts.nfs}'`;
      return {
        command: `timeout 2 ${answers} && echo ${serving} || echo does not answer`,
        read: (output) => ({ says: output.trim(), isWell: output.trim() === serving }),
      };
    }
    case "gateway":
      return gatewayReading(host, zone);
    case "worker":
      return zone.hasNodes ? nodeReading(host) : undefined;
    default:
      return undefined;
  }
}

/** One command in the host's container. A host that can't be asked says why. */
export async function askCore(lab: Lab, host: Host, { command, read }: Reading): Promise<Word> {
  try {
    return read(await runIn(lab, labNames.container(lab.id, host.name), ["sh", "-c", `${command}; true`], "0"));
  } catch (error) {
    return { says: `can't be asked: ${(error as Error).message.split("\n")[0]}`, isWell: false };
  }
}

const silent: Word = { says: "does not answer", isWell: false };

export function databaseWord(output: string): Word {
  const [health, writer] = pagesIn(output);
  if (!health?.code) return silent;
  const isWriter = writer?.code === 200;
  const isWell = health.code === 200;
  return {
    says: [isWriter ? "writer" : isWell ? "serves" : "", isWell ? "" : health.text].filter(Boolean).join(": "),
    isWell,
    isWriter,
  };
}

export function balancerWord(output: string, vips: readonly { readonly name: string; readonly address: string }[]): Word {
  const [addresses = "", ...rest] = output.split("\n");
  const held = addressesIn(addresses);
  const holds = vips.filter(({ address }) => held.includes(address)).map(({ name }) => name);
  const isWell = pagesIn(rest.join("\n"))[0]?.code === 200;
  const says = [isWell ? "" : "HAProxy does not answer", holds.length > 0 ? `holds ${holds.join(", ")}` : ""];
  return { says: says.filter(Boolean).join("; ") || "stands by", isWell, holds };
}

export function controlPlaneWord(output: string): Word {
  const [ready] = pagesIn(output);
  if (!ready?.code) return silent;
  if (ready.code === 200) return { says: "ready", isWell: true };
  // One line a check: "[-]etcd failed: reason withheld".
  const failed = [...ready.text.matchAll(/^\[-\](\S+)/gm)].map(([, check]) => check);
  return { says: `not ready: ${failed.join(", ") || ready.code}`, isWell: false };
}

/** The core of a site in words: who serves, who writes, who holds which VIP. */
export interface SiteCore {
  readonly site: string;
  readonly database: string;
  readonly balancers: string;
  readonly controlPlane: string;
  /** Every host's service is well, one node writes, and each VIP is at one balancer. */
  readonly isWell: boolean;
}

export interface Asked {
  readonly host: Host;
  readonly word?: Word | undefined;
}

/** Pure. */
export function coreOf(site: string, hosts: readonly Asked[]): SiteCore {
  const of = (role: Host["role"]): readonly Asked[] => hosts.filter(({ host }) => host.site === site && host.role === role);
  const [databases, balancers, controlPlane] = [of("database"), of("balancer"), of("control-plane")];
  const core = [...databases, ...balancers, ...controlPlane];
  const wellOf = (asked: readonly Asked[]): string => `${asked.filter(({ word }) => word?.isWell).length} of ${asked.length}`;
  const namesOf = (asked: readonly Asked[]): string => asked.map(({ host }) => host.shortName).join(" and ");
  const writers = databases.filter(({ word }) => word?.isWriter);
  const held = coreVips.map((vip) => ({ vip, at: balancers.filter(({ word }) => word?.holds?.includes(vip)) }));
  return {
    site,
    database: `${wellOf(databases)} serve, ${writers.length === 1 ? "writer" : "writers:"} ${namesOf(writers) || "none"}`,
    balancers: `${wellOf(balancers)} serve, ${held.map(({ vip, at }) => `${vip} at ${namesOf(at) || "none"}`).join(", ")}`,
    controlPlane: `${wellOf(controlPlane)} ready`,
    isWell: core.every(({ word }) => word?.isWell) && writers.length === 1 && held.every(({ at }) => at.length === 1),
  };
}
