// A pod that keeps to the standard `restricted` and serves a page that names it, from an image that the lab's nodes have.

export const sampleContainer = {
  name: "sample",
  image: "tandem/sample:lab",
  imagePullPolicy: "IfNotPresent",
  args: ["serve", "8080"],
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
  readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};

/** The pod's spec, with what one's own adds. */
export const samplePodSpec = (own: object = {}) => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  terminationGracePeriodSeconds: 1,
  containers: [sampleContainer],
  ...own,
});

/** A pod by itself, labelled with what it is of. */
export const samplePod = (name: string, namespace: string, app: string, own: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app } },
  spec: samplePodSpec(own),
});
