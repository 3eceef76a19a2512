// The program of every stack: the stack's name says which platform, site and zone it is.
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentError } from "../environments/model/errors.ts";
import { endingExceptions } from "../environments/model/flows/findings.ts";
import { loadEnvironment, platforms } from "../environments/model/load.ts";
import { type StackPlan, stacksOf } from "../environments/model/stack-names.ts";
import type { Site, Topology, Zone } from "../environments/model/topology.ts";
import { topologyOf } from "../environments/model/topology-of.ts";
import { readLab } from "./access.ts";
import { core } from "./core.ts";
import { guardRealMachines } from "./guards.ts";
import { refuse } from "./identity.ts";
import { usedImages } from "./images.ts";
import { machines } from "./machines.ts";
import { services } from "./services.ts";
import { trust } from "./trust.ts";
import { upgradeProblems } from "./upgrades.ts";
import { readRecordedImages } from "./upstream.ts";
import { zone } from "./zone.ts";

// The types are stripped in place, so positions are true without a source map. Pulumi's runner looks for one at each frame of each of the
// traces that it keeps with every promise: a tenth of a preview.
Reflect.deleteProperty(Error, "prepareStackTrace");

export default async function program(): Promise<Record<string, unknown>> {
  const name = pulumi.getStack();
  const topology = topologyOfStack(name);
  const stack = stacksOf(topology).find((plan) => plan.name === name);
  if (!stack) throw new pulumi.RunError(unknownStack(name, topology));
  guardRealMachines(topology);
  const today = new Date().toISOString().slice(0, 10);
  for (const { flow, what } of endingExceptions(topology, today, 0)) void pulumi.log.warn(`flow ${flow}: ${what}`);
  refuse(upgradeProblems(await readRecordedImages(), topology, today));
  const outputs = await place(stack, topology);
  const images = usedImages(topology);
  return Object.keys(images).length > 0 ? { ...outputs, images } : outputs;
}

function place(stack: StackPlan, topology: Topology): Promise<Record<string, unknown>> {
  switch (stack.kind) {
    case "machines":
      return machines(topology);
    case "trust":
      return trust(topology);
    case "core":
      return core(topology, siteOf(stack, topology));
    case "services":
      return services(topology, siteOf(stack, topology));
    case "zone":
      return zone(topology, siteOf(stack, topology), zoneOf(stack, topology));
  }
}

function topologyOfStack(stack: string): Topology {
  const platform = stack.split("-")[0] ?? "";
  if (!platforms().includes(platform)) {
    throw new pulumi.RunError(
      `stack ${stack}: there is no platform ${JSON.stringify(platform)}; allowed are ${platforms().join(", ")}`,
    );
  }
  try {
    const slot = platform === "lab" ? readLab().slot : undefined;
    return topologyOf(loadEnvironment(platform, slot === undefined ? {} : { slot }));
  } catch (error) {
    if (error instanceof EnvironmentError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

const unknownStack = (name: string, topology: Topology): string =>
  `stack ${name}: no such stack; platform ${topology.platform} has ${stacksOf(topology)
    .map((plan) => plan.name)
    .join(", ")}`;

function siteOf(stack: StackPlan, topology: Topology): Site {
  const site = topology.sites.find((each) => each.name === stack.site);
  if (!site) throw new pulumi.RunError(`stack ${stack.name}: platform ${topology.platform} has no site ${stack.site}`);
  return site;
}

function zoneOf(stack: StackPlan, topology: Topology): Zone {
  const zone = siteOf(stack, topology).zones.find((each) => each.name === stack.zone);
  if (!zone) throw new pulumi.RunError(`stack ${stack.name}: site ${stack.site} has no zone ${stack.zone}`);
  return zone;
}
