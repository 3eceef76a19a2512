import type { Problem } from "../errors.ts";
import type { Environment } from "../schema.ts";

/** Cybersecurity Law of the People's Republic of China, article 21: network logs are kept for six months at least. */
const leastNetworkDays = 180;

export function logProblems({ stage, logs: { networkDays } }: Environment): Problem[] {
  return stage !== "production" || networkDays >= leastNetworkDays
    ? []
    : [
        {
          path: ["logs", "networkDays"],
          what: "network logs would be kept for less than six months in production",
          given: String(networkDays),
          allowed: `at least ${leastNetworkDays}`,
          fix: "keep them longer",
        },
      ];
}
