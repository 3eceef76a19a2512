// Where the platform's own services listen: one table for what renders them, what asks them, and what lets packets pass to them.

/** All on the storage plane: clients, the health page, and what the nodes tell one another. */
export const databasePorts = {
  clients: 3306,
  health: 3380,
  stateTransfer: 4444,
  cluster: 4567,
  incrementalTransfer: 4568,
} as const;

/** Statistics and metrics on the management plane; health on loopback. */
export const balancerPorts = { statistics: 8404, health: 8405 } as const;

/** The API on the management plane, on its hosts and on its VIP; the others on loopback. */
export const controlPlanePorts = {
  api: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  kine: 2379,
  kineMetrics: 2380,
  metrics: 4443,
} as const;

/** Between the two of a zone, on the management plane. */
export const gatewayPorts = { connectionStates: 3780 } as const;

/** Of a node's programs, on loopback. */
export const workerPorts = { kubeletHealth: 10248, proxyHealth: 10256, proxyMetrics: 10249, networkHealth: 9099 } as const;

/**
 * What the API server gives as ports of nodes, by which others come to a zone's pods: all that a pod may listen on without rights, below those that the kernel gives
 * its clients (32768 to 60999).
 */
export const nodePorts = { first: 1024, last: 32767 } as const;

/** Of a registry host's containers among themselves, on loopback. */
export const registryPorts = { registry: 5000, registryMetrics: 5001, events: 5002 } as const;

/** Of Harbor's parts among themselves, on loopback where they can be told to. Its core's is what it falls back to. */
export const harborPorts = {
  core: 8080,
  portal: 8081,
  registry: 5000,
  registryMetrics: 5001,
  database: 5432,
  redis: 6379,
  trivy: 8082,
} as const;

/** Of those that listen on all of their host's addresses, whatever they are told: its packet filter lets nobody in to them. */
export const openHarborPorts = { jobservice: 8083, registryctl: 8084, exporter: 8085 } as const;

/** Of services that stand on the core, on the plane that their flows name. */
export const platformPorts = {
  dns: 53,
  ntp: 123,
  registry: 443,
  /** rsync over TLS. */
  nasReplication: 874,
  nfs: 2049,
  hostMetrics: 9100,
  kubelet: 10250,
  /** Fluent's forward protocol. */
  logs: 24224,
} as const;
