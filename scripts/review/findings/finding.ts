import type { Topology } from "../../../environments/model/topology.ts";

/** `dangerous`: what is lost, or what is refused. `care`: what somebody has to watch or to agree to. */
export type Weight = "dangerous" | "care";

/** One thing that a reviewer has to know of a change, in the platform's own words. */
export interface Finding {
  readonly weight: Weight;
  /** What it is about, as in `dc1-platform-db2`, `flow payments`, `image haproxy`. */
  readonly subject: string;
  readonly what: string;
  readonly todo: string;
}

/** Finds by what both environment files say. */
export type Finder = (before: Topology, after: Topology) => Finding[];
