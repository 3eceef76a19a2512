import { stringify } from "yaml";

/** A configuration file of Kubernetes. */
export const renderYaml = (value: object): string =>
  `# Managed by Tandem: changes by hand are found and reported.\n${stringify(value, { lineWidth: 0 })}`;
