import type { Answer, Question } from "../../environments/model/flows/reach.ts";

/** Why two ends may connect, or what stops them. */
export function renderAnswer({ from, to, plane, protocol, port }: Question, { rows, gateways, stoppedBy }: Answer): string {
  const hasPort = protocol === "tcp" || protocol === "udp";
  const what = `${from.label} (${from.address}) to ${to.label} (${to.address}), ${protocol}${hasPort ? ` ${port}` : ""}, plane ${plane}`;
  const way =
    gateways.length > 0 ? `through the gateways of ${gateways.join(", then of ")}` : "within one network, through no gateway";
  if (stoppedBy !== undefined) return `no: ${what}\nstopped by ${stoppedBy}\n`;
  return [
    `yes: ${what}`,
    way,
    ...rows.map(({ name, source, purpose, owner, exception }) => {
      const until = exception ? `; an exception until ${exception.expires}: ${exception.reason}` : "";
      return `permitted by ${name} (${source}): ${purpose}; ${owner} answers for it${until}`;
    }),
    "",
  ].join("\n");
}
