import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../../environments/model/service-account.ts";
import type { Host } from "./host.ts";
import { type HostFileSpec, renderExpected, renderProbe, renderRemoveScript, renderWriteScript } from "./host-file.render.ts";
import type { Probe } from "./probe.ts";

/** Parsers of files that more than one service has, for `check`. */
export const checks = {
  certificate: 'openssl x509 -noout -in "$candidate"',
  certificateAndKey: 'openssl x509 -noout -in "$candidate" && openssl pkey -noout -in "$candidate"',
  sh: 'sh -n "$candidate"',
  bash: 'bash -n "$candidate"',
} as const;

/** Read by the account that services run as, and by nobody else. */
export const forServices = { owner: `root:${serviceAccount.name}`, mode: "0640" } as const;

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
  /** Makes the service take the file up; a failure puts the content before it back. Runs after the file was taken away, too. */
  readonly reload?: string;
  /** Fails when the service has taken up something else since, by a hand: then it is reloaded though the file is as it was. */
  readonly loaded?: string;
}

/** A file on a host: written beside its target, checked, moved into place, its reader reloaded, and probed for changes by hand. */
export class HostFile extends command.remote.Command {
  /** SHA-256 of the content: a label of the containers that read the file, so that they are replaced when it changes. */
  readonly digest: pulumi.Output<string>;
  /** For its owner to register. */
  readonly probe: Probe;

  constructor(name: string, args: HostFileArgs, options?: pulumi.CustomResourceOptions) {
    if (!/^\/[\w./@-]+$/.test(args.path)) {
      throw new Error(
        `${name}: path ${JSON.stringify(args.path)} is not absolute or has characters outside A-Z a-z 0-9 . _ @ / -`,
      );
    }
    const { host } = args;
    const spec: HostFileSpec = {
      path: args.path,
      mode: args.mode ?? "0644",
      owner: args.owner ?? "root:root",
      ...(args.check !== undefined && { check: args.check }),
      ...(args.reload !== undefined && { reload: args.reload }),
      ...(args.loaded !== undefined && { loaded: args.loaded }),
    };
    const content = pulumi.output(args.content);
    super(
      name,
      {
        connection: host.connection,
        create: pulumi.interpolate`${host.scriptHeader}${host.asRoot(renderWriteScript(spec))}`,
        delete: host.asRoot(renderRemoveScript(spec)),
        stdin: content,
        addPreviousOutputInEnv: false,
      },
      { parent: host, ...options },
    );
    this.digest = content.apply(sha256);
    this.probe = fileProbe(name, host, spec, content);
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function fileProbe(name: string, host: Host, spec: HostFileSpec, content: pulumi.Output<string>): Probe {
  const secret = pulumi.output(pulumi.isSecret(content));
  return {
    resource: name,
    host: host.place.name,
    what: `file ${spec.path}`,
    command: secret.apply((digest) => host.asRoot(renderProbe(spec, digest ? "digest" : "text"))),
    expected: pulumi.all([secret, content]).apply(([digest, text]) => renderExpected(spec, digest ? `${sha256(text)}\n` : text)),
  };
}
