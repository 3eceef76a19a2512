import type { StackRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container, serviceOf } from "../subjects.ts";

export const rule: StackRule = {
  name: "replication-must-have-one-direction",
  holds: "Images go from the active site's registry to the standby's, and never back",
  source: own("docs/registry.md", "with both directions on, a tag that was deleted or moved comes back from the other site"),
  level: "mandatory",
  *checkStack({ topology, plan, resources }) {
    if (plan.kind !== "services") return;
    const site = topology.sites.find(({ name }) => name === plan.site);
    if (site?.role !== "standby") return;
    for (const resource of resources) {
      const sends =
        (resource.type === container && serviceOf(resource) === "registry-replication") ||
        (JSON.parse(resource.inputs["environment"]?.["TANDEM_HARBOR"] ?? "{}").policies ?? []).length > 0;
      if (sends)
        yield {
          ...{ resource, what: `${site.name} is the standby site and sends its images to the active one` },
          ...{ allowed: "the active site sends", fix: "leave it to the sites' roles in the environment file" },
        };
    }
  },
};
