import type { Resource, StackRule, Violation } from "../rule.ts";
import { own } from "../sources.ts";
import { type HostText, hostTexts } from "../subjects.ts";

interface Instance {
  readonly resource: Resource;
  readonly name: string;
  readonly network: string;
  readonly routerId: string;
  readonly addresses: readonly string[];
}

function instancesOf({ resource, text }: HostText): Instance[] {
  return [...text.matchAll(/^vrrp_instance (\S+) \{\n((?:[ \t].*\n|\n)*)\}/gm)].map(([, name = "", body = ""]) => ({
    ...{ resource, name },
    network: /^\s*interface (\S+)/m.exec(body)?.[1] ?? "",
    routerId: /^\s*virtual_router_id (\S+)/m.exec(body)?.[1] ?? "",
    addresses: [...(/virtual_ipaddress \{([^}]*)\}/.exec(body)?.[1] ?? "").matchAll(/^\s*([\d.]+)/gm)].map(
      ([, each = ""]) => each,
    ),
  }));
}

export const rule: StackRule = {
  name: "vip-must-be-unique",
  holds: "A VIP and its router id belong to one service of a network, and both hosts of a pair mean the same by them",
  source: own(
    "https://www.rfc-editor.org/rfc/rfc9568.html#section-5.2.3",
    "routers of one id on one network are one virtual router",
  ),
  level: "mandatory",
  *checkStack(stack) {
    const { texts, unknown } = hostTexts(stack);
    const instances = texts.flatMap(instancesOf);
    const oneService = {
      allowed: "one service",
      fix: "leave it to the environment file, which counts router ids and gives addresses once",
    };
    yield* differing(
      instances,
      ({ network, routerId }) => `router id ${routerId} on ${network}`,
      ({ name }) => name,
      "is of several services",
      oneService,
    );
    const vips = instances.flatMap((instance) => instance.addresses.map((address) => ({ ...instance, address })));
    yield* differing(
      vips,
      ({ address }) => `VIP ${address}`,
      ({ name }) => name,
      "is of several services",
      oneService,
    );
    const oneMeaning = {
      allowed: "the same on both hosts",
      fix: "render both from one topology: each would hold a VIP that the other one doesn't watch",
    };
    yield* differing(
      instances,
      ({ name }) => name,
      ({ routerId }) => routerId,
      "has different router ids on its hosts",
      oneMeaning,
    );
    yield* differing(
      instances,
      ({ name }) => name,
      ({ addresses }) => addresses.join(" "),
      "has different addresses on its hosts",
      oneMeaning,
    );
    if (unknown !== undefined) throw unknown;
  },
};

/** Where what belongs together by one thing differs in another. */
function* differing<T extends Instance>(
  all: readonly T[],
  togetherBy: (each: T) => string,
  equal: (each: T) => string,
  what: string,
  remedy: Pick<Violation, "allowed" | "fix">,
): Generator<Violation> {
  for (const [key, together] of Map.groupBy(all, togetherBy)) {
    const values = [...new Set(together.map(equal))];
    const [first] = together;
    if (first && values.length > 1)
      yield { resource: first.resource, at: ["stdin"], what: `${key} ${what}`, given: values.join(" and "), ...remedy };
  }
}
