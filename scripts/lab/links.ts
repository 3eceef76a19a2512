import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Host } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import { runTool } from "../console/log.ts";
import type { Lab } from "./instance.ts";
import type { Cable } from "./machines.ts";
import { containersOf } from "./power.ts";
import { runIn } from "./run-in.ts";

/**
 * Pulls or plugs a cable of a host: the machine's end of the interface pair goes down or up. Inside the host, addresses and
 * routes stay, as they do on a real machine. Returns false where it was so already.
 */
export async function setLink(lab: Lab, host: Host, { name: cable, address }: Cable, state: "up" | "down"): Promise<boolean> {
  const { machine } = await containersOf(lab, host);
  if (machine.state !== "running")
    throw new UserError(`${host.name}: its power is off, so it has no cables; run: npm run lab -- power-on ${host.name}`);
  const link = farEnd(await runIn(lab, machine.id, ["ip", "-json", "address", "show", "to", address]), address);
  const name = interfaceWithIndex(link);
  if (!name)
    throw new UserError(`${host.name}: interface ${link} of this machine, the other end of ${cable} (${address}), is not there`);
  if (isUp(name) === (state === "up")) return false;
  await runTool("ip", ["link", "set", "dev", name, state]);
  return true;
}

const addressShape = z.array(z.object({ link_index: z.number(), addr_info: z.array(z.object({ local: z.string() })) }).partial());

/** All addresses in the output of `ip -json address`. */
export const addressesIn = (output: string): string[] =>
  addressShape.parse(JSON.parse(output || "[]")).flatMap(({ addr_info }) => (addr_info ?? []).map(({ local }) => local));

/** The index of the other end of the interface that holds an address, from the output of `ip -json address`. */
export function farEnd(output: string, address: string): number {
  const found = addressShape.parse(JSON.parse(output)).find((one) => one.addr_info?.some(({ local }) => local === address));
  if (found?.link_index === undefined)
    throw new UserError(`${address}: no interface of its host holds it; run: npm run up -- --platform lab`);
  return found.link_index;
}

const interfaces = "/sys/class/net";

const interfaceWithIndex = (index: number): string | undefined =>
  readdirSync(interfaces).find((name) => {
    try {
      return Number(readFileSync(`${interfaces}/${name}/ifindex`, "utf8")) === index;
    } catch {
      // Gone since it was listed.
      return false;
    }
  });

/** Whether an interface is switched on: IFF_UP is the lowest bit of its flags. */
const isUp = (name: string): boolean => (Number(readFileSync(`${interfaces}/${name}/flags`, "utf8")) & 1) === 1;
