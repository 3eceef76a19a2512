import { parseNetwork } from "../addresses.ts";
import type { Problem } from "../errors.ts";
import { networkTexts } from "../placements.ts";
import type { Environment } from "../schema.ts";

/** Real machines have operators, name servers and a clock of their own. */
export function realMachineProblems(environment: Environment): Problem[] {
  if (environment.machines === "lab") return [];
  const lists = [
    {
      path: ["operators"],
      list: environment.operators,
      what: "no network of operators",
      fix: "add the network that operators work from",
    },
    {
      path: ["dns", "servers"],
      list: environment.dns.servers,
      what: "no name server",
      fix: "add the addresses of the site's name servers",
    },
    {
      path: ["time", "servers"],
      list: environment.time.servers,
      what: "no time server",
      fix: "add NTP servers: certificates and the database need the time",
    },
  ];
  const empty = lists.filter(({ list }) => list.length === 0);
  return [
    ...empty.map(({ path, what, fix }) => ({
      path,
      what: `${what} for real machines`,
      allowed: "at least one",
      fix,
      absence: true,
    })),
    ...(environment.lab
      ? [
          {
            path: ["lab"],
            what: "only a lab has a supernet",
            given: "machines: ssh",
            allowed: "machines: lab",
            fix: "remove lab",
          },
        ]
      : []),
  ];
}

/** A lab lies in one /16, so that another lab of the same machine can lie in the next. */
export function labProblems(environment: Environment): Problem[] {
  if (environment.machines === "ssh") return [];
  if (!environment.lab) {
    return [
      {
        path: ["machines"],
        what: "a lab without supernet",
        given: "lab",
        allowed: "lab: { supernet: <network> }",
        fix: "add lab: { supernet: 10.77.0.0/16 }",
        absence: true,
      },
    ];
  }
  const supernet = parseNetwork(environment.lab.supernet);
  if (!supernet) return [];
  if (supernet.prefixLength !== 16 || supernet.cidr !== "10.77.0.0/16") {
    return [
      {
        path: ["lab", "supernet"],
        what: "not the labs' own range",
        given: environment.lab.supernet,
        allowed: "10.77.0.0/16, from which slots are counted",
        fix: "use 10.77.0.0/16",
      },
    ];
  }
  return networkTexts(environment).flatMap(({ text, path, what }): Problem[] => {
    const network = parseNetwork(text);
    if (!network || what === "pod range" || what === "service range") return [];
    if (network.first >= supernet.first && network.last <= supernet.last) return [];
    return [
      {
        path,
        what: `the ${what} lies outside the lab's supernet`,
        given: text,
        allowed: `a part of ${supernet.cidr}`,
        fix: "move it into the supernet",
      },
    ];
  });
}
