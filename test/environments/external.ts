import { topologyWith } from "./broken.ts";

/** The reference platform behind the company's own gateways. */
export const external = topologyWith((e) => {
  e.set("flavors gateway", "external");
  for (const site of ["dc1", "dc2"])
    for (const zone of ["platform", "internet", "partner", "policy", "office"])
      e.remove(`sites ${site} zones ${zone} hosts gateway`);
});
