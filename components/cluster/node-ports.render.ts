/** Of a namespace: the ports of nodes that its services may take, as in `TCP/8443,UDP/5000`. */
export const nodePortsAnnotation = "tandem.internal/node-ports";

const annotations = "namespaceObject.metadata.annotations";
const allowed = `(has(${annotations}) && "${nodePortsAnnotation}" in ${annotations} ? ${annotations}["${nodePortsAnnotation}"].split(",") : [])`;
const isNodePort = 'has(object.spec.type) && object.spec.type == "NodePort"';
const ofNodePort = (condition: string): string => `!(${isNodePort}) || (${condition})`;
const eachPort = (condition: string): string => ofNodePort(`object.spec.ports.all(port, ${condition})`);

/**
 * Who comes from elsewhere comes by a port of the table of flows: the zone's, for whom no other zone can take it away. The pods behind it listen on the same one, because
 * network policies know them by it, and the sender's address is kept, by which they know him.
 */
export const keepingNodePorts = {
  failurePolicy: "Fail",
  matchConstraints: {
    resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["services"] }],
  },
  validations: [
    {
      expression: '!has(object.spec.type) || object.spec.type != "LoadBalancer"',
      message: "spec.type: nothing here makes balancers; take NodePort, with a port that the table of flows has for the zone",
      reason: "Forbidden",
    },
    {
      expression: eachPort(`has(port.nodePort) && (port.protocol + "/" + string(port.nodePort)) in ${allowed}`),
      messageExpression: `"spec.ports: a nodePort must be given, and be one that the table of flows has for namespace " + namespaceObject.metadata.name + ": " + (size(${allowed}) == 0 ? "it has none" : ${allowed}.join(", ")) + "; declare a flow in the environment file"`,
      reason: "Forbidden",
    },
    {
      expression: eachPort("has(port.targetPort) && type(port.targetPort) == int && port.targetPort == port.nodePort"),
      message:
        "spec.ports: targetPort must be the number of nodePort, on which the pods listen: network policies know them by it",
      reason: "Forbidden",
    },
    {
      expression: ofNodePort('has(object.spec.externalTrafficPolicy) && object.spec.externalTrafficPolicy == "Local"'),
      message: "spec.externalTrafficPolicy: must be Local, which keeps the sender's address: network policies know him by it",
      reason: "Forbidden",
    },
  ],
};
