import { UserError } from "../../console/errors.ts";
import { opened, resourcesOf } from "../../deploy/deployment.ts";
import { exportState } from "../../deploy/stack-states.ts";
import type { Project } from "../../deploy/workspace.ts";

/** What the drill's clients log in with; in memory, or in files that only their owner reads. */
export interface Credentials {
  /** PEM of all authorities that hosts trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly kubeconfig: string;
}

export async function readCredentials(project: Project, platform: string, site: string): Promise<Credentials> {
  const trust = await outputsOf(project, `${platform}-trust`);
  const core = await outputsOf(project, `${platform}-${site}`);
  const name = `database-drill-${site}`;
  const text = (stack: string, outputs: Values, ...path: readonly string[]): string => {
    const found = path.reduce<unknown>((value, key) => (value as Values | undefined)?.[key], outputs);
    if (typeof found === "string" && found !== "") return found;
    throw new UserError(
      `stack ${stack}: has no output ${path.join(".")}, which the drill's clients log in with; run: npm run up -- --platform ${platform}`,
    );
  };
  const authorities =
    (trust["authorities"] as Readonly<Record<string, readonly { certificate: string }[]>> | undefined)?.["platform"] ?? [];
  return {
    authority: authorities.map(({ certificate }) => certificate.trimEnd()).join("\n"),
    certificate: text(`${platform}-trust`, trust, "certificates", name),
    key: text(`${platform}-trust`, trust, "privateKeys", name),
    kubeconfig: text(`${platform}-${site}`, core, "kubeconfig"),
  };
}

type Values = Readonly<Record<string, unknown>>;

/** A stack's outputs, secret ones too; an export never goes to the log. */
async function outputsOf(project: Project, stack: string): Promise<Values> {
  const state = await exportState(project, stack, { showSecrets: true });
  const root = resourcesOf(state).find(({ type }) => type === "pulumi:pulumi:Stack");
  return (opened(root?.outputs ?? {}) ?? {}) as Values;
}
