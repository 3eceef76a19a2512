import { type Network, parseNetwork } from "../addresses.ts";
import type { Problem } from "../errors.ts";
import { everywhere } from "../flows/party.ts";
import { networkTexts, type Path, zonePlaces } from "../placements.ts";
import type { Environment } from "../schema.ts";

/** Networks are written without host bits and leading zeros: none is rounded, a slip in a digit is not guessed at. */
export function networkTextProblems(environment: Environment): Problem[] {
  const texts = [
    ...networkTexts(environment),
    ...zonePlaces(environment).map(({ entry, path }) => ({ text: entry.pods, path: [...path, "pods"] })),
    ...(environment.lab ? [{ text: environment.lab.supernet, path: ["lab", "supernet"] }] : []),
    ...environment.operators.map((text, index) => ({ text, path: ["operators", index] })),
    ...Object.entries(environment.networks).flatMap(([name, list]) =>
      list.map((text, index) => ({ text, path: ["networks", name, index] })),
    ),
  ];
  return texts.flatMap(({ text, path }) => textProblem(text, path));
}

function textProblem(text: string, path: Path): Problem[] {
  const network = parseNetwork(text);
  if (!network) {
    const allowed = "four numbers from 0 to 255 without leading zeros, a slash and a prefix length from 0 to 32";
    return [{ path, what: "not an IPv4 network", given: text, allowed, fix: "write it as in 10.20.0.0/24" }];
  }
  if (network.cidr === text) return [];
  return [
    {
      path,
      what: "host bits are set",
      given: text,
      allowed: "a network's own address",
      fix: `the network that it lies in is ${network.cidr}`,
    },
  ];
}

/** The planes' networks must hold their gateways and hosts. */
export function networkSizeProblems(environment: Environment): Problem[] {
  return networkTexts(environment).flatMap(({ text, path }) => {
    const network = parseNetwork(text);
    if (!network || network.cidr !== text || (network.prefixLength >= 8 && network.prefixLength <= 28)) return [];
    return [
      {
        path,
        what: "a network of unusable size",
        given: text,
        allowed: "prefix lengths from 8 to 28",
        fix: "choose a prefix length in between",
      },
    ];
  });
}

/** No two of the platform's networks, pods and services included, share an address; of several, the widest is named. */
export function overlapProblems(environment: Environment): Problem[] {
  const sorted = networkTexts(environment)
    .flatMap((entry) => {
      const network = parseNetwork(entry.text);
      return network ? [{ ...entry, network, others: [] as string[] }] : [];
    })
    .sort((a, b) => a.network.first - b.network.first || b.network.last - a.network.last);
  let widest = sorted[0];
  for (const entry of sorted.slice(1)) {
    if (widest && overlap(widest.network, entry.network)) widest.others.push(`the ${entry.what} ${entry.text}`);
    if (!widest || entry.network.last > widest.network.last) widest = entry;
  }
  return sorted
    .filter(({ others }) => others.length > 0)
    .map(({ path, text, others }) => {
      const what = `overlaps ${others.slice(0, 2).join(" and ")}${others.length > 2 ? ` and ${others.length - 2} more` : ""}`;
      return { path, what, given: text, allowed: "a range of its own", fix: "give one of them another range" };
    });
}

const overlap = (a: Network, b: Network): boolean => a.first <= b.last && b.first <= a.last;

/** A network outside is nobody of the platform: only the one that means everybody may hold the platform's own addresses. */
export function outsideProblems(environment: Environment): Problem[] {
  const own = networkTexts(environment).flatMap(({ what, text }) => {
    const network = parseNetwork(text);
    return network ? [{ what, network }] : [];
  });
  const texts = [
    ...environment.operators.map((text, index) => ({ text, path: ["operators", index] })),
    ...Object.entries(environment.networks).flatMap(([name, list]) =>
      list.map((text, index) => ({ text, path: ["networks", name, index] })),
    ),
  ];
  return texts.flatMap(({ text, path }): Problem[] => {
    const network = parseNetwork(text);
    const shared = network && text !== everywhere ? own.find((one) => overlap(one.network, network)) : undefined;
    if (!shared) return [];
    const what = `shares addresses with the platform's ${shared.what} ${shared.network.cidr}`;
    const allowed = `networks outside the platform, or ${everywhere} for everybody outside`;
    return [{ path, what, given: text, allowed, fix: "leave the platform's own networks out" }];
  });
}
