/** Where the services of a site's core are asked: the components' own ports, which a test compares. */
export const corePorts = {
  /** On the database's VIP. */
  database: 3306,
  /** On the storage plane: a node's page about itself. */
  databaseHealth: 3380,
  /** On the management plane, and on the API's VIP. */
  api: 6443,
  /** On the management plane. */
  balancerStatistics: 8404,
  /** On loopback. */
  balancerHealth: 8405,
} as const;
