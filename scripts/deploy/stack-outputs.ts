import { UserError } from "../console/errors.ts";
import { opened, resourcesOf } from "./deployment.ts";
import { exportState } from "./stack-states.ts";
import type { Project } from "./workspace.ts";

type Values = Readonly<Record<string, unknown>>;

/** A stack's outputs, secret ones too: in memory only, an export never goes to the log. */
export interface StackOutputs {
  readonly stack: string;
  readonly values: Values;
}

export async function readOutputs(project: Project, stack: string): Promise<StackOutputs> {
  const state = await exportState(project, stack, { showSecrets: true });
  const root = resourcesOf(state).find(({ type }) => type === "pulumi:pulumi:Stack");
  return { stack, values: (opened(root?.outputs ?? {}) ?? {}) as Values };
}

/** A text among a stack's outputs; where it is not there, `use` says what it is for, as in `kubectl logs in with`. */
export function textAmong({ stack, values }: StackOutputs, path: readonly string[], use: string): string {
  const found = path.reduce<unknown>((value, key) => (value as Values | undefined)?.[key], values);
  if (typeof found === "string" && found !== "") return found;
  const platform = stack.split("-")[0];
  throw new UserError(`stack ${stack}: has no output ${path.join(".")}, which ${use}; run: npm run up -- --platform ${platform}`);
}

/** The administrator's, of a site's cluster: its server is the API's VIP. */
export async function administratorKubeconfig(project: Project, platform: string, site: string, use: string): Promise<string> {
  return textAmong(await readOutputs(project, `${platform}-${site}`), ["kubeconfig"], use);
}
