import { administratorKubeconfig, readOutputs, textAmong } from "../../deploy/stack-outputs.ts";
import type { Project } from "../../deploy/workspace.ts";

/** What the drill's clients log in with; in memory, or in files that only their owner reads. */
export interface Credentials {
  /** PEM of all authorities that hosts trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly kubeconfig: string;
}

const use = "the drill's clients log in with";

export async function readCredentials(project: Project, platform: string, site: string): Promise<Credentials> {
  const trust = await readOutputs(project, `${platform}-trust`);
  const name = `database-drill-${site}`;
  const authorities =
    (trust.values["authorities"] as Readonly<Record<string, readonly { certificate: string }[]>> | undefined)?.["platform"] ?? [];
  return {
    authority: authorities.map(({ certificate }) => certificate.trimEnd()).join("\n"),
    certificate: textAmong(trust, ["certificates", name], use),
    key: textAmong(trust, ["privateKeys", name], use),
    kubeconfig: await administratorKubeconfig(project, platform, site, use),
  };
}
