import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { type HostFileSpec, renderExpected, renderProbe, renderRemoveScript, renderWriteScript } from "./host-file.render.ts";

export interface HostFileArgs {
  readonly host: Host;
  /** Absolute path on the host. */
  readonly path: string;
  /** The whole text. A secret one is never shown: keep it apart from text that a reviewer should read. */
  readonly content: pulumi.Input<string>;
  /** Octal; default "0644". */
  readonly mode?: string;
  /** Default "root:root". */
  readonly owner?: string;
  /** The service's own parser: a shell command that fails when the file at `$candidate` is unsound. */
  readonly check?: string;
  /** Makes the service take the file up; a failure puts the content before it back. */
  readonly reload?: string;
}

/** One check of a host against what is declared: `npm run drift` runs the command and compares what it prints. */
export interface Probe {
  readonly host: string;
  readonly what: string;
  readonly command: string;
  readonly expected: string;
}

/** A file on a host: written beside its target, checked, moved into place, its reader reloaded, and probed for changes by hand. */
export class HostFile extends pulumi.ComponentResource {
  /** SHA-256 of the content: a label of the containers that read the file, so that they are replaced when it changes. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: HostFileArgs, options?: pulumi.ComponentResourceOptions) {
    if (!/^\/[\w./@-]+$/.test(args.path)) {
      throw new Error(
        `${name}: path ${JSON.stringify(args.path)} is not absolute or has characters outside A-Z a-z 0-9 . _ @ / -`,
      );
    }
    super("tandem:host:HostFile", name, {}, { parent: args.host, ...options });
    const spec: HostFileSpec = {
      path: args.path,
      mode: args.mode ?? "0644",
      owner: args.owner ?? "root:root",
      ...(args.check !== undefined && { check: args.check }),
      ...(args.reload !== undefined && { reload: args.reload }),
    };
    const content = pulumi.output(args.content);
    this.digest = content.apply(sha256);
    new command.remote.Command(
      name,
      {
        connection: args.host.connection,
        create: pulumi.interpolate`${args.host.scriptHeader}${args.host.asRoot(renderWriteScript(spec))}`,
        delete: args.host.asRoot(renderRemoveScript(spec)),
        stdin: content,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs({ host: args.host.place.name, probes: [fileProbe(args.host, spec, content)] });
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function fileProbe(host: Host, spec: HostFileSpec, content: pulumi.Output<string>): pulumi.Output<Probe> {
  return pulumi.output(pulumi.isSecret(content)).apply((secret) =>
    content.apply((text) => ({
      host: host.place.name,
      what: `file ${spec.path}`,
      command: host.asRoot(renderProbe(spec, secret ? "digest" : "text")),
      expected: renderExpected(spec, secret ? `${sha256(text)}\n` : text),
    })),
  );
}
