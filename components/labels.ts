import type { types } from "@pulumi/docker";
import type { Resource } from "@pulumi/pulumi";

/**
 * Labels of an object in a Docker engine, by which it is recognised without the state: `tandem.urn` names the component that declared it.
 * A promise and not the output itself: as an output it would make the object depend on its own parent.
 */
export function tandemLabels(
  owner: Resource,
  labels: Readonly<Record<string, types.input.ContainerLabel["value"]>>,
): types.input.ContainerLabel[] {
  const urn = new Promise<string>((resolve) => owner.urn.apply(resolve));
  return Object.entries({ ...labels, urn }).map(([name, value]) => ({ label: `tandem.${name}`, value }));
}
