import type { Failure } from "../provider/shape.ts";
import { isObject, isUnknown, reveal, type Values } from "../provider/values.ts";
import { annotation, at, kindOfToken, textAt } from "./manifest.ts";
import { waitForOf } from "./wait-for.ts";

const annotations = new Set([
  "pulumi.com/autonamed",
  "pulumi.com/deletionPropagationPolicy",
  "pulumi.com/patchFieldManager",
  "pulumi.com/patchForce",
  "pulumi.com/skipAwait",
  "pulumi.com/timeoutSeconds",
  "pulumi.com/waitFor",
]);

/** Throws for what the official plugin has under `kubernetes:` and this one has not. */
export function refuseUncovered(token: string): void {
  const { group, version, kind } = kindOfToken(token);
  const isHelper = /^(yaml|helm|helm\.sh|kustomize)$/.test(group || version);
  const isVersion = /^v\d/.test(version);
  if (!isHelper && isVersion && kind !== "") return;
  throw new Error(
    `${token}: the portable plugin for kubernetes has no such resource; it has every kind that an API server has, as kubernetes:<group>/<version>:<Kind>. For YAML files, Helm and Kustomize use the official plugin, or declare the objects`,
  );
}

/** What is wrong with a resource's inputs, as far as it can be told without a cluster. */
export function inputFailures(token: string, inputs: Values): Failure[] {
  const kind = textAt(inputs, "kind");
  const failures: Failure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  if (textAt(inputs, "apiVersion") === undefined)
    fail("apiVersion", "it is missing: give the one of the manifest, such as apps/v1");
  if (kind === undefined) fail("kind", "it is missing: give the one of the manifest, such as Deployment");
  const tokenKind = token.split(":")[2] ?? "";
  if (kind !== undefined && tokenKind === `${kind}Patch`) {
    fail(
      "kind",
      `the portable plugin for kubernetes does not cover ${tokenKind}: declare the whole ${kind}, or use the official plugin`,
    );
  }
  if (at(inputs, "items") !== undefined && kind?.endsWith("List")) {
    fail("kind", `the portable plugin for kubernetes does not cover ${kind}: declare its items as resources of their own`);
  }
  if (at(inputs, "metadata", "generateName") !== undefined) {
    fail("metadata.generateName", "it is not covered; leave the name out, then one is generated, or set metadata.name");
  }
  for (const key of annotationKeys(inputs)) {
    if (key.startsWith("pulumi.com/") && !annotations.has(key)) {
      fail(`metadata.annotations["${key}"]`, `it is not covered; covered are ${[...annotations].sort().join(", ")}`);
    }
  }
  const propagation = annotation(inputs, "pulumi.com/deletionPropagationPolicy");
  if (propagation !== undefined && !isUnknown(propagation) && !/^(foreground|background|orphan)$/i.test(propagation)) {
    fail('metadata.annotations["pulumi.com/deletionPropagationPolicy"]', "it must be foreground, background or orphan");
  }
  try {
    waitForOf(inputs);
  } catch (error) {
    fail("metadata", (error as Error).message);
  }
  return failures;
}

function annotationKeys(inputs: Values): string[] {
  const found = reveal(at(inputs, "metadata", "annotations"));
  return isObject(found) ? Object.keys(found) : [];
}
