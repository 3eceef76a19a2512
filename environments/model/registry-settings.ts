// What the section `registry` of an environment file says.

export interface RegistryReplication {
  readonly everyMinutes: number;
  /** Whether a tag that is pushed again replaces the standby's. */
  readonly overwrites?: boolean;
  readonly mbitPerSecond?: number;
  /** Pattern of tags that stay at the active site. */
  readonly exceptTags?: string;
}

/** What holds for each zone's images. */
export interface RegistryProjects {
  readonly quotaGib: number;
  /** Images that retention leaves: those that either number keeps. */
  readonly keep: { readonly newest: number; readonly days: number };
  /** Pattern of tags that are pushed once. */
  readonly immutableTags?: string;
  /** Severity of findings from which on an image is not pulled. */
  readonly refuseFrom?: "low" | "medium" | "high" | "critical";
}

export interface RegistryAccounts {
  readonly lifetimeDays: number;
  /** Days before its end from which it is renewed. */
  readonly renewDays: number;
}
