import { accountPrefix, accountSuffix, driverSuffix, snapshotGroup } from "../storage/claims/storage-classes.render.ts";

const written = '(request.operation == "DELETE" ? oldObject : object)';
const user = "request.userInfo.username";
const itsZone = `${user}.substring(${accountPrefix.length}, ${user}.size() - ${accountSuffix.length})`;
const itsDriver = `${itsZone} + "${driverSuffix}"`;

/**
 * Volumes and the contents of snapshots are of no namespace, so what answers a zone's claims could make, change and take away every zone's. It keeps to those of its own driver: a node
 * of one zone that fell into wrong hands has no say in another zone's volumes.
 */
export const keepingVolumes = {
  failurePolicy: "Fail",
  matchConstraints: {
    resourceRules: [
      {
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE", "DELETE"],
        resources: ["persistentvolumes"],
      },
      {
        apiGroups: [snapshotGroup],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE", "DELETE"],
        resources: ["volumesnapshotcontents", "volumesnapshotcontents/status"],
      },
    ],
  },
  matchConditions: [
    {
      name: "answers-claims",
      expression: `${user}.startsWith("${accountPrefix}") && ${user}.endsWith("${accountSuffix}")`,
    },
  ],
  validations: [
    {
      expression: `request.resource.group == "${snapshotGroup}" ? ${written}.spec.driver == ${itsDriver} : has(${written}.spec.csi) && ${written}.spec.csi.driver == ${itsDriver}`,
      messageExpression: `${user} + " answers the claims of one zone, and writes volumes and snapshots of the driver " + ${itsDriver} + " alone"`,
      reason: "Forbidden",
    },
  ],
};
