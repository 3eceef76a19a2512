import type { Input } from "@pulumi/pulumi";

/**
 * One check of a host against what is declared: `npm run drift` runs the command and compares what it prints. The component that declares
 * the file or command registers it among its outputs, as `probes`.
 */
export interface Probe {
  /** Name of the resource whose script brings the host back. */
  readonly resource: string;
  readonly host: string;
  readonly what: string;
  readonly command: Input<string>;
  readonly expected: Input<string>;
}
