import { stringify } from "yaml";
import { managed } from "../managed.render.ts";

/** A configuration file of Kubernetes. */
export const renderYaml = (value: object): string => `# ${managed}\n${stringify(value, { lineWidth: 0 })}`;
