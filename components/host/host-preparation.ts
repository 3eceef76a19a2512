import * as pulumi from "@pulumi/pulumi";
import type { Topology, Zone } from "../../environments/model/topology.ts";
import {
  basePackages,
  interfacePackages,
  renderAccountExpected,
  renderAccountProbe,
  renderAccountScript,
  renderPackagesProbe,
  renderPackagesScript,
} from "./accounts.render.ts";
import { renderChrony } from "./chrony.render.ts";
import { type Host, ifThere } from "./host.ts";
import { HostCommand } from "./host-command.ts";
import { checks, HostFile } from "./host-file.ts";
import { renderInterfaces } from "./interfaces.render.ts";
import { renderSshd } from "./sshd.render.ts";
import { renderSysctl } from "./sysctl.render.ts";

export interface HostPreparationArgs {
  readonly host: Host;
  readonly topology: Topology;
  readonly zone: Zone;
  /** Certificate authorities that the host trusts. */
  readonly authorities: readonly TrustedCertificate[];
}

export interface TrustedCertificate {
  readonly name: string;
  /** One certificate, PEM. */
  readonly certificate: pulumi.Input<string>;
}

const sshdCheck = `joined=$(mktemp) && printf 'Include %s\\nInclude /etc/ssh/sshd_config\\n' "$candidate" > "$joined" && sshd -t -f "$joined"; result=$?; rm -f "$joined"; [ $result = 0 ]`;

/** What a machine needs before any service is placed on it: packages, account, kernel settings, time, SSH, trust and its three planes. */
export class HostPreparation extends pulumi.ComponentResource {
  /** Known when the host trusts all its authorities. */
  readonly trusts: pulumi.Output<undefined>;

  constructor(name: string, args: HostPreparationArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:host:HostPreparation", name, {}, { parent: args.host, ...options });
    const { host, topology } = args;
    const place = host.place;

    const names = host.machine.kind === "ssh" ? [...basePackages, ...interfacePackages] : basePackages;
    const packages = new HostCommand(
      `packages-${place.name}`,
      {
        host,
        script: renderPackagesScript(names),
        probe: {
          what: "packages",
          command: renderPackagesProbe(names),
          expected: `${[...names].sort().join("\n")}\n`,
        },
      },
      { parent: this },
    );
    const ready = { parent: this, dependsOn: [packages] };

    const account = new HostCommand(
      `account-${place.name}`,
      {
        host,
        script: renderAccountScript(),
        probe: { what: "service account", command: renderAccountProbe(), expected: renderAccountExpected() },
      },
      ready,
    );

    const sysctl = "/etc/sysctl.d/60-tandem.conf";
    const kernel = new HostFile(
      `sysctl-${place.name}`,
      { host, path: sysctl, content: renderSysctl(place), reload: host.reloadCommand("sysctl", sysctl) },
      ready,
    );

    const chrony = "/etc/chrony/conf.d/60-tandem.conf";
    const time = new HostFile(
      `time-${place.name}`,
      {
        host,
        path: chrony,
        content: renderChrony(topology),
        check: 'chronyd -p -f "$candidate" > /dev/null',
        reload: host.reloadCommand("chrony", chrony),
      },
      ready,
    );

    const sshd = "/etc/ssh/sshd_config.d/60-tandem.conf";
    const login = new HostFile(
      `ssh-${place.name}`,
      { host, path: sshd, content: renderSshd(topology, place), check: sshdCheck, reload: host.reloadCommand("ssh", sshd) },
      ready,
    );

    const authorities = args.authorities.map(
      ({ name: authority, certificate }) =>
        new HostFile(
          `authority-${authority}-${place.name}`,
          {
            host,
            path: `/usr/local/share/ca-certificates/tandem-${topology.platform}-${authority}.crt`,
            content: certificate,
            check: checks.certificate,
            // One at a time: it writes the bundle of all authorities anew.
            reload: "flock /usr/local/share/ca-certificates update-ca-certificates > /dev/null",
          },
          ready,
        ),
    );
    this.trusts = pulumi.all(authorities.map(({ id }) => id)).apply(() => undefined);

    const parts: (HostCommand | HostFile)[] = [packages, account, kernel, time, login, ...authorities];

    // The lab's interfaces come from the machines stack; their addresses are the same.
    if (host.machine.kind === "ssh") {
      const interfaces = "/etc/network/interfaces.d/60-tandem";
      parts.push(
        new HostFile(
          `planes-${place.name}`,
          {
            host,
            path: interfaces,
            content: renderInterfaces(args.zone, place, host.machine.trunk),
            check: 'ifup --no-act --all --interfaces="$candidate" > /dev/null',
            // Brings up what is missing. An interface that is up keeps its address until the host's next boot: this connection may run over it.
            reload: ifThere(interfaces, `ifup --all --interfaces=${interfaces}`),
          },
          ready,
        ),
      );
    }
    this.registerOutputs({ host: place.name, probes: parts.map(({ probe }) => probe) });
  }
}
