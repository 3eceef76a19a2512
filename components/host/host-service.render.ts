import { managed } from "../managed.render.ts";
import { shellQuote } from "./shell.ts";

/** A program that runs on the host itself and not in a container, because it makes containers or their network. */
export interface HostProgram {
  /** As in `kubelet`: one of a name a host. */
  readonly name: string;
  readonly description: string;
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Shell that comes before each start. */
  readonly before?: string;
  /** Names of programs of the same host that are started before it. */
  readonly after?: readonly string[];
  /** Shell that succeeds when it is at work. */
  readonly ready: string;
}

/** Seconds until a program that was started is at work, at the most. */
const readySeconds = 90;

/** Where each kind of machine has what starts it. */
export const programFile = {
  ssh: (name: string): string => `/etc/systemd/system/${name}.service`,
  lab: (name: string): string => `${labPrograms}/${name}/run`,
} as const;

const labPrograms = "/etc/tandem-programs";
const supervised = (name: string): string => `/etc/service/${name}`;

/** In systemd's own quotes; it expands % and $ (systemd.service(5), "Command lines"). */
const systemdQuote = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;

/**
 * A unit of a real machine. Only the program itself is ended with it: what it started lives in control groups of its own, and goes on.
 */
export function renderUnit({ name, description, command, environment = {}, before, after = [] }: HostProgram): string {
  return [
    `# ${managed}`,
    "[Unit]",
    `Description=${description}`,
    `After=${["network-online.target", ...after.map((each) => `${each}.service`)].join(" ")}`,
    "Wants=network-online.target",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    ...Object.entries(environment).map(([key, value]) => `Environment=${systemdQuote(`${key}=${value}`)}`),
    ...(before === undefined ? [] : [`ExecStartPre=/bin/sh -c ${systemdQuote(before)}`]),
    `ExecStart=${command.map(systemdQuote).join(" ")}`,
    "Delegate=yes",
    "KillMode=process",
    "LimitNOFILE=1048576",
    "OOMScoreAdjust=-999",
    "Restart=always",
    "RestartSec=1",
    "TasksMax=infinity",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    `# ${name}`,
    "",
  ].join("\n");
}

/** The same for a machine of the lab, whose programs runit keeps: it ends and starts only the program itself, too. */
export function renderRun({ command, environment = {}, before, description }: HostProgram): string {
  return [
    "#!/bin/sh",
    `# ${managed}`,
    `# ${description}`,
    "exec 2>&1",
    // What a real machine has from its first boot.
    "/usr/local/sbin/tandem-worker || exit 1",
    ...(before === undefined ? [] : [before]),
    ...Object.entries(environment).map(([key, value]) => `export ${key}=${shellQuote(value)}`),
    `exec ${command.map(shellQuote).join(" ")}`,
    "",
  ].join("\n");
}

const untilReady = ({ name, ready }: HostProgram, log: string): string =>
  `left=${readySeconds}
until { ${ready}; } > /dev/null 2>&1; do
  left=$((left - 1))
  [ $left -gt 0 ] || { echo "${name} is not at work after ${readySeconds} s; the last that it said:" >&2; ${log} >&2; exit 1; }
  sleep 1
done
`;

/** Starts the program with its present configuration, named by a digest: a change of any of its files starts it anew. */
export const renderStart = {
  ssh: (program: HostProgram, configuration: string): string =>
    `set -eu
# configuration ${configuration}
systemctl daemon-reload
systemctl enable --quiet ${program.name}
systemctl restart ${program.name}
${untilReady(program, `journalctl --unit ${program.name} --lines 20 --no-pager`)}`,
  lab: (program: HostProgram, configuration: string): string => {
    const { name } = program;
    const log = `/var/log/tandem/${name}`;
    return `set -eu
# configuration ${configuration}
chmod 755 ${labPrograms}/${name}/run
mkdir -p ${labPrograms}/${name}/log ${log}
printf '#!/bin/sh\\nexec svlogd %s\\n' ${log} > ${labPrograms}/${name}/log/run
chmod 755 ${labPrograms}/${name}/log/run
if [ -e ${supervised(name)} ]; then sv -w 60 restart ${supervised(name)} > /dev/null; else ln -s ${labPrograms}/${name} ${supervised(name)}; fi
${untilReady(program, `tail -n 20 ${log}/current`)}`;
  },
} as const;

export const renderStop = {
  ssh: ({ name }: HostProgram): string => `systemctl disable --now --quiet ${name} || true\n`,
  lab: ({ name }: HostProgram): string =>
    `sv -w 60 stop ${supervised(name)} || true\nrm -f ${supervised(name)}\nrm -rf ${labPrograms}/${name}\n`,
} as const;

/** Prints one word that says whether it runs, as `expectedRunning` has it. */
export const renderRunning = {
  ssh: ({ name }: HostProgram): string => `systemctl is-active ${name} || true`,
  lab: ({ name }: HostProgram): string => `sv status ${supervised(name)} 2>/dev/null | cut -d : -f 1`,
} as const;
export const expectedRunning = { ssh: "active\n", lab: "run\n" } as const;
