import { planes } from "../../../environments/model/topology.ts";
import type { Draft, Drafts } from "./attacker.ts";
import type { Attack } from "./probes.ts";

// Packets to whatever else is on a host's wires: the machine under the lab, groups, IPv6. Pure.

const discard = 9;

export const wires = {
  machine: ({ surroundings, host, zone, devices, choose, most }) => {
    const { operatorAddress } = zone.planes.management;
    const own = operatorAddress === undefined ? [] : [operatorAddress];
    // It takes what is for any of its addresses on any of its bridges.
    const others = surroundings.machine.filter((address) => address !== operatorAddress);
    const route = { device: devices.management, ...(operatorAddress !== undefined && { via: operatorAddress }) };
    return [...own, ...choose(others, 2 * most)].flatMap((address) =>
      [22, discard].map(
        (port): Draft => ({
          ...{ source: host.addresses.management, to: { label: "the machine under the lab", address } },
          ...{ plane: "management", protocol: "tcp", port, means: { route }, expected: "stops" },
        }),
      ),
    );
  },
  multicast: ({ host }) =>
    planes.flatMap((plane) =>
      // All hosts, VRRP's routers, multicast DNS: https://www.iana.org/assignments/multicast-addresses
      ["224.0.0.1", "224.0.0.18", "224.0.0.251"].map(
        (address): Draft => ({
          ...{ source: host.addresses[plane], to: { label: "everybody on the wire", address } },
          ...{ plane, protocol: "udp", port: discard, expected: "stops" },
        }),
      ),
    ),
  ipv6: ({ surroundings, neighbours, devices, choose, most }) => {
    const all = planes.flatMap((plane) => {
      const device = devices[plane];
      const near = choose(neighbours, most).flatMap(({ name }) => {
        const hardware = surroundings.hardware[name]?.[plane];
        const to = { label: name, address: `${linkLocal(hardware ?? "")}%${device}` };
        return hardware === undefined ? [] : [{ to, means: { route: { device, hardware } } }];
      });
      const everybody = { to: { label: "everybody on the wire", address: `ff02::1%${device}` } };
      return [everybody, ...near].map((one) => ({ ...one, plane }));
    });
    // Its receiver tells each by its port alone.
    return all.map((one, index): Draft => ({ ...one, protocol: "udp", port: discard + index, expected: "stops" }));
  },
} satisfies Partial<Record<Attack, Drafts>>;

/** RFC 4291, appendix A: a link-local address from a hardware address. */
export function linkLocal(hardware: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = hardware.split(":").map((byte) => Number.parseInt(byte, 16));
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${words.map((word) => word.toString(16)).join(":")}`;
}
