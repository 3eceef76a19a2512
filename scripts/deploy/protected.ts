// What is at stake where the engine refuses to delete or replace a resource that is protected. Pure.

/** By a part of its URN: the component that has it, or its own type. */
const stakes: readonly (readonly [part: string, stake: string])[] = [
  ["tandem:storage:NasVolume$", "what it holds stays on the NAS; what would go is the mount"],
  ["tandem:storage:PodVolumes$", "what it holds stays on the NAS; what would go is the mount"],
  ["tandem:host:DataVolume$", "what it holds is on this host alone, and would go with it"],
  ["random:index/randomPassword:RandomPassword", "who has this password would be locked out"],
  ["tandem:trust:SigningKeys$", "what it signed would not be believed any more"],
];

/** What signs while it is protected, and goes unprotected at the end of a rotation. */
const authorities = /tandem:trust:(CertificateAuthority|ClusterAuthorities)\$/;

/** What is at stake where a resource goes; undefined of one that can go, or be made again. */
export function stakeOf(urn: string, isProtected: boolean): string | undefined {
  const stake = stakes.find(([part]) => urn.includes(part))?.[1];
  if (stake !== undefined || !isProtected) return stake;
  return authorities.test(urn) ? "what it signed would not be believed any more" : "it is not to be made anew";
}

const refusals = [
  /resource "(urn:[^"]+)" cannot be deleted\nbecause it is protected/,
  /unable to replace resource "(urn:[^"]+)"\nas it is currently marked for protection/,
];

/** In the platform's own words what the engine's refusal is about, and how to go on; undefined where a message is no such refusal. */
export function whyProtected(stack: string, message: string): string | undefined {
  const urn = refusals.flatMap((refusal) => refusal.exec(message)?.[1] ?? [])[0];
  if (urn === undefined) return undefined;
  return `it is protected: ${stakeOf(urn, true)}. To let it go all the same: npm run pulumi -- state unprotect '${urn}' --stack ${stack}, and then this again`;
}
