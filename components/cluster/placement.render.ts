import { zoneLabel, zoneTaint } from "../worker/worker.render.ts";

/** What says of a namespace whose it is. */
export const namespaceZoneLabel = "tandem.internal/zone";

const pods = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
const zoneOfNamespace = `namespaceObject.metadata.labels["${namespaceZoneLabel}"]`;
const hasZone = `has(namespaceObject.metadata.labels) && "${namespaceZoneLabel}" in namespaceObject.metadata.labels`;
const namesZone = `has(object.spec.nodeSelector) && "${zoneLabel}" in object.spec.nodeSelector`;

const add = (path: string, value: string): string => `JSONPatch{op: "add", path: ${path}, value: ${value}}`;
const addUnlessThere = (field: string, value: string): string =>
  `(has(object.spec.${field}) ? [] : [${add(`"/spec/${field}"`, value)}])`;

/**
 * A pod that names no zone gets its namespace's: its nodes, and the right to be there
 * (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/).
 */
export const placingPods = {
  failurePolicy: "Fail",
  reinvocationPolicy: "IfNeeded",
  matchConstraints: {
    namespaceSelector: { matchExpressions: [{ key: namespaceZoneLabel, operator: "Exists" }] },
    resourceRules: [pods],
  },
  // Conditions know nothing of the namespace; what follows them does.
  matchConditions: [{ name: "names-no-zone", expression: `!(${namesZone})` }],
  mutations: [
    {
      patchType: "JSONPatch",
      jsonPatch: {
        expression: [
          addUnlessThere("nodeSelector", "{}"),
          `[${add(`"/spec/nodeSelector/" + jsonpatch.escapeKey("${zoneLabel}")`, zoneOfNamespace)}]`,
          addUnlessThere("tolerations", "[]"),
          `[${add('"/spec/tolerations/-"', `Object.spec.tolerations{key: "${zoneTaint}", operator: "Equal", value: ${zoneOfNamespace}, effect: "NoSchedule"}`)}]`,
        ].join(" + "),
      },
    },
  ],
};

/**
 * A pod runs on its own zone's nodes or not at all, and the scheduler chooses which. Of a pod that came to a node in another way, the kubelet there still
 * compares the selector with its node's labels, which a node can't change.
 */
export const keepingPods = {
  failurePolicy: "Fail",
  matchConstraints: { resourceRules: [pods] },
  validations: [
    {
      expression: hasZone,
      messageExpression: `"namespace " + namespaceObject.metadata.name + " belongs to no zone, so no node is its own; use a namespace with the label ${namespaceZoneLabel}"`,
      reason: "Forbidden",
    },
    {
      expression: `!(${hasZone}) || (${namesZone} && object.spec.nodeSelector["${zoneLabel}"] == ${zoneOfNamespace})`,
      messageExpression: `"spec.nodeSelector: ${zoneLabel} must be the zone of namespace " + namespaceObject.metadata.name + "; leave it out, and it is set"`,
      reason: "Forbidden",
    },
    {
      // Daemon sets name their nodes by affinity.
      expression: "!has(object.spec.nodeName)",
      messageExpression: `"spec.nodeName: " + object.spec.nodeName + " is named by hand, and the scheduler chooses the node; leave it out, or name it in spec.nodeSelector by kubernetes.io/hostname"`,
      reason: "Forbidden",
    },
  ],
};
