/** How many minor versions a kubelet may be behind its API server: https://kubernetes.io/releases/version-skew-policy/#kubelet */
const allowedBehind = 3;

/** Why a kubelet of one version must not meet an API server of another; undefined where it may. */
export function skewProblem(kubelet: string, apiServer: string): string | undefined {
  const [[major, minor], [serverMajor, serverMinor]] = [numbers(kubelet), numbers(apiServer)];
  const behind = serverMinor - minor;
  if (major === serverMajor && behind >= 0 && behind <= allowedBehind) return undefined;
  const oldest = Math.max(0, serverMinor - allowedBehind);
  return (
    `kubernetes.version: nodes would run ${kubelet}, the API servers run ${apiServer}; allowed ${serverMajor}.${oldest} to ${serverMajor}.${serverMinor}. ` +
    (behind < 0 ? "Deploy the core of the site first" : "Upgrade the nodes step by step before the control plane goes on")
  );
}

/** As `1.36` of `1.36.3`. */
export const minorVersion = (version: string): string => numbers(version).join(".");

function numbers(version: string): readonly [number, number] {
  const [major = Number.NaN, minor = Number.NaN] = version.split(".").map(Number);
  return [major, minor];
}
