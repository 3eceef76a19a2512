import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ImageRecipe } from "../../scripts/lab/images.ts";
import { inNetworkOf, unpacked } from "./unpacked.ts";

/** Clients of a NAS: each a real Linux in user mode, whose kernel mounts. Needs root, as the lab does. */
export interface NfsClients {
  /** What a script prints that a client's root runs, and its code: with `$server` to mount from, and `/mnt` to mount at. */
  run(place: ClientPlace, script: string): Promise<{ readonly code: number; readonly output: string }>;
  remove(): void;
}

export interface ClientPlace {
  /** A process in whose network the client's interface is made. */
  readonly network: number | undefined;
  /** Shell that connects the interface `$tap` there. */
  readonly connect: string;
  /** The client's own. */
  readonly address: string;
  /** Of the NAS. */
  readonly server: string;
}

/** Linux in user mode of Debian's testing: those before 6.13 do not run on processors with AMX. https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html */
const image: ImageRecipe = {
  repository: "tandem/nfs-client",
  suite: "testing",
  packages: ["iproute2", "kmod", "nfs-common", "user-mode-linux"],
  removed: [],
  contents: { texts: ["init 1"], files: [] },
  furnish: (root) => {
    symlinkSync("uml/modules", join(root, "usr/lib/modules"));
    mkdirSync(join(root, "probes"));
    writeFileSync(join(root, "init"), init, { mode: 0o755 });
    return Promise.resolve();
  },
  changes: [],
};

const [begin, end] = ["=== begins", "=== ended with"];

/** Linux gives what it does not know of its command line to its first process, as environment. */
const init = `#!/bin/sh
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
ip link set lo up
ip address add "$address/32" dev vec0
ip link set vec0 up
ip route add "$server" dev vec0
echo "${begin}"
sh "/probes/$probe" 2>&1
echo "${end} $?"
echo o > /proc/sysrq-trigger
sleep 10
`;

export async function nfsClients(): Promise<NfsClients> {
  const { directory, root, remove } = await unpacked(image);
  let clients = 0;
  return {
    remove,
    run: async ({ network, connect, address, server }, script) => {
      const probe = String(++clients);
      writeFileSync(join(root, "probes", probe), script);
      const tap = `client${probe}`;
      const kernel = [
        ...["rootfstype=hostfs", "rootflags=/", "rw", "mem=192M", "init=/init", "quiet", "con=null", "con0=fd:0,fd:1"],
        ...[`vec0:transport=tap,ifname=${tap},depth=64`, `umid=${tap}`, "uml_dir=/tmp"],
        ...[`address=${address}`, `server=${server}`, `probe=${probe}`],
      ];
      const boot = `tap=${tap}
ip tuntap add $tap mode tap
${connect}
mount --bind /dev ${root}/dev
mount -t proc proc ${root}/proc
HOME=/tmp exec chroot ${root} /usr/bin/linux.uml ${kernel.join(" ")}`;
      const machine = inNetworkOf(network, boot, ["ignore", "pipe", "inherit"]);
      const output = machine.stdout ? await text(machine.stdout) : "";
      const [, printed = "", code = "-1"] = new RegExp(`${begin}\\r?\\n([^]*)${end} (\\d+)`).exec(output) ?? [];
      if (code === "-1") throw new Error(`the client in ${directory} did not come to its end: ${output}`);
      return { code: Number(code), output: printed.replaceAll("\r", "").trim() };
    },
  };
}
