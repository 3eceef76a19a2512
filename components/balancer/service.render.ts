import { balancerPaths, managedHeader, type ServerCheck, type ServiceBehindVip } from "./balancer.render.ts";

/** One service for HAProxy: it listens on the VIP on both hosts, also where the VIP is not now. */
export function renderService({ vip, port, servers, check }: ServiceBehindVip): string {
  return `${managedHeader}
frontend ${vip.name}
  bind ${vip.address}:${port}
  default_backend ${vip.name}

backend ${vip.name}
  balance leastconn
  option httpchk
  http-check send meth GET uri ${check.path} ver HTTP/1.1 hdr Host ${vip.fqdn}
  http-check expect status 200
${servers.map((server) => `  server ${server.name} ${server.address}:${server.port} ${checkOptions(check, server.name)}`).join("\n")}
`;
}

function checkOptions(check: ServerCheck, server: string): string {
  switch (check.scheme) {
    case "http":
      return `check port ${check.port}`;
    case "https":
      return `check check-ssl check-sni ${server} verify required verifyhost ${server} ca-file ${balancerPaths.authorities}`;
  }
}
