import { accountPrefix, accountSuffix, driverSuffix } from "../storage/claims/storage-classes.render.ts";

const volume = '(request.operation == "DELETE" ? oldObject : object)';
const user = "request.userInfo.username";
const itsZone = `${user}.substring(${accountPrefix.length}, ${user}.size() - ${accountSuffix.length})`;

/**
 * Volumes are of no namespace, so what answers a zone's claims could make, change and take away every zone's. It keeps to those of its own driver: a node
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
      expression: `has(${volume}.spec.csi) && ${volume}.spec.csi.driver == ${itsZone} + "${driverSuffix}"`,
      messageExpression: `${user} + " answers the claims of one zone, and writes volumes of the driver " + ${itsZone} + "${driverSuffix} alone"`,
      reason: "Forbidden",
    },
  ],
};
