import type { Host } from "../../environments/model/topology.ts";
import type { Resource, ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { dockerProvider, remoteCommand } from "../subjects.ts";

const addressOf = ({ type, inputs }: Resource): string | undefined =>
  type === remoteCommand ? inputs["connection"].host : /^ssh:\/\/(?:[^@/]*@)?([^:/]+)/.exec(String(inputs["host"] ?? ""))?.[1];

export const rule: ResourceRule = {
  name: "host-must-be-of-its-stack",
  holds: "A stack touches the hosts of its own site alone",
  source: own(
    "measured with the provider at its pinned version",
    "a provider that points at another host shows that one's containers as its own, unchanged",
  ),
  level: "mandatory",
  types: [dockerProvider, remoteCommand],
  *check(resource, { topology, plan }) {
    const address = addressOf(resource);
    if (address === undefined) return;
    const hosts = topology.sites.flatMap(({ zones }) => zones).flatMap(({ hosts }) => hosts);
    const own = hosts.filter(({ site, zone }) => site === plan.site && (plan.zone === undefined || zone === plan.zone));
    const isAt = ({ addresses }: Host): boolean => Object.values(addresses).includes(address);
    if (own.some(isAt)) return;
    yield {
      at: resource.type === remoteCommand ? ["connection", "host"] : ["host"],
      what: `${hosts.find(isAt)?.name ?? "a machine that the environment file doesn't name"} is not a host of ${plan.name}`,
      given: address,
      allowed:
        own.length > 0
          ? `an address of ${own[0]?.name} or one of its ${own.length - 1} neighbours`
          : "none: this stack has no hosts",
      fix: "declare it in the stack of its site and zone",
    };
  },
};
