/** What a stack records of the cluster that it was deployed to. */
export interface RecordedCluster {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  /** Of Kubernetes, as in `1.36.3`. */
  readonly version: string;
}

/** Why a control plane can't go from one version to another in one step (https://kubernetes.io/releases/version-skew-policy/). */
export function versionProblem(from: string, to: string): string | undefined {
  const [[major, minor], [newMajor, newMinor]] = [numbers(from), numbers(to)];
  const refused = (what: string, allowed: string): string =>
    `kubernetes.version: ${what}; given ${to}, the control plane runs ${from}; allowed ${allowed}`;
  if (newMajor !== major)
    return refused("another major version is another cluster", `${major}.${minor} or ${major}.${minor + 1}`);
  if (newMinor < minor)
    return refused("a control plane does not go back: its database has newer objects", `${major}.${minor} or newer`);
  if (newMinor > minor + 1)
    return refused("a control plane skips no minor version", `${major}.${minor + 1} next, then one after the other`);
  return undefined;
}

/** Why the cluster that answers is not the one that the stack was deployed to. */
export function uidProblem(recorded: RecordedCluster | undefined, found: string): string | undefined {
  if (!recorded || recorded.uid === found) return undefined;
  return (
    `identity: this stack was deployed to the cluster ${recorded.uid}, now the API is that of ${found}: its database is another one ` +
    "or was emptied; restore it from a backup: npm run database -- restore --site <site> --to <time> --into-cluster"
  );
}

function numbers(version: string): readonly [number, number] {
  const [major = Number.NaN, minor = Number.NaN] = version.split(".").map(Number);
  return [major, minor];
}
