import { labNames } from "../../../environments/model/lab.ts";
import { UserError } from "../../console/errors.ts";
import { runTool } from "../../console/log.ts";
import { clientOf } from "../daemon.ts";
import type { Lab } from "../instance.ts";
import { orGone } from "../strays.ts";
import { waitFor } from "../wait.ts";
import type { Station } from "./field.ts";
import { renderOutside } from "./outside.ts";
import type { Ground } from "./plan.ts";

// The containers that play the networks outside: each has one cable, to its site's core network, and nothing else.

/** One that a killed proof left ends by itself. */
const mostSeconds = 3600;
const device = "core";

const nameOf = (lab: Lab, outsider: string): string => labNames.container(lab.id, outsider);

export async function placeOutside(lab: Lab, { topology, outsiders }: Ground): Promise<Station[]> {
  await removeOutside(lab, outsiders);
  const docker = clientOf(lab.dockerHost);
  const placed = outsiders.map(async (sender): Promise<Station> => {
    const site = topology.sites.find(({ name }) => name === sender.site);
    if (!site) throw new Error(`${sender.name}: no site`);
    const name = nameOf(lab, sender.name);
    const container = await docker.createContainer({
      name,
      Image: lab.machineImage,
      Entrypoint: ["sleep", String(mostSeconds)],
      Cmd: [],
      Labels: { "tandem.lab": lab.id },
      HostConfig: {
        AutoRemove: true,
        CapAdd: ["NET_ADMIN", "NET_RAW"],
        NetworkMode: "none",
        Sysctls: { "net.ipv6.conf.all.disable_ipv6": "1" },
      },
    });
    await container.start();
    const { State } = await container.inspect();
    // The cable goes with its end in the container.
    const cable = `td${lab.slot}o${site.number}`;
    const within = ["link", "add", cable, "type", "veth", "peer", "name", device, "netns", String(State.Pid)];
    await runTool("ip", within);
    await runTool("ip", ["link", "set", cable, "master", labNames.bridge(lab.slot, site.number, site.core.vlan), "up"]);
    const network = `/proc/${State.Pid}/ns/net`;
    await runTool("nsenter", [`--net=${network}`, "ip", "-batch", "-"], { input: renderOutside(site, sender, device) });
    return { sender, container: name, network, enter: [] };
  });
  return await Promise.all(placed);
}

/** Also those of a proof that was killed. */
export async function removeOutside(lab: Lab, outsiders: Ground["outsiders"]): Promise<void> {
  const docker = clientOf(lab.dockerHost);
  for (const { name } of outsiders) {
    const container = docker.getContainer(nameOf(lab, name));
    await orGone(container.remove({ force: true }));
    // The engine removes it by itself, too, when it ends, and its name is free after that.
    const isGone = (): Promise<boolean> =>
      container.inspect().then(
        () => false,
        () => true,
      );
    if (!(await waitFor(isGone, 10))) throw new UserError(`${nameOf(lab, name)}: the engine does not remove it`);
  }
}
