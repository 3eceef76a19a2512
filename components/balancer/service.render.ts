import { managed } from "../managed.render.ts";
import { balancerPaths, eventsDescriptor, type ServerCheck, type ServiceBehindVip } from "./balancer.render.ts";

/** One service for HAProxy: it listens on the VIP on both hosts, also where the VIP is not now. */
export function renderService({ vip, port, servers, check, serves }: ServiceBehindVip): string {
  return `# ${managed}
frontend ${vip.name}
  bind ${vip.address}:${port}
${serves === "one" ? onlyOne.frontend(vip.name) : ""}  default_backend ${vip.name}

backend ${vip.name}
${serves === "one" ? onlyOne.backend : ""}  balance random
  option httpchk
  http-check send meth GET uri ${check.path} ver HTTP/1.1 hdr Host ${vip.fqdn}
  http-check expect status 200
${servers.map((server) => `  server ${server.name} ${server.address}:${server.port} ${checkOptions(check, server.name)}${serves === "all" ? refusalIsChecked : ""}`).join("\n")}
`;
}

const onlyOne = {
  frontend: (
    backend: string,
  ) => `  # HAProxy takes all servers for healthy until it has asked each once, and two may overlap while one takes over.
  tcp-request connection reject unless { nbsrv(${backend}) eq 1 }
`,
  backend: `  # A worker that was replaced by a reload asks its servers no more: it is ended when another server takes over.
  log fd@${eventsDescriptor} format raw local0 notice
`,
} as const;

/**
 * A refused connection brings a server's checks forward, so that it is left soon. One that starts again listens before it serves: it would be given connections,
 * and nobody would answer them. No more than that: what counts as a failed check of its own would end other connections that are about to be refused, instead
 * of handing them to another server.
 */
const refusalIsChecked = " observe layer4 error-limit 1 on-error fastinter";

function checkOptions(check: ServerCheck, server: string): string {
  switch (check.scheme) {
    case "http":
      return `check port ${check.port}`;
    case "https":
      return `check check-ssl check-sni ${server} verify required verifyhost ${server} ca-file ${balancerPaths.authorities}`;
  }
}
