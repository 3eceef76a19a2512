/** Stands for what only a host, a cluster or an engine of containers could tell. */
export const madeUp = "made up";
