import { platformPorts, registryPorts } from "../../environments/model/ports.ts";
import type { RegistryAccount } from "../../environments/model/registry.ts";
import { haproxyWord } from "../balancer/haproxy.render.ts";
import { managed } from "../managed.render.ts";
import { memoryMibOf, registryPaths, type SiteRegistry } from "./registry.render.ts";

// What stands before the lab's registry, which knows no rights: TLS, passwords, and what each account may do where.

/** Where balancers ask whether it serves; no password is asked for. */
export const healthPath = "/healthz";

/** Memory that one connection takes, with its buffers on both sides and TLS, in KiB. */
const connectionKib = 128;

const group = (account: Pick<RegistryAccount, "name">): string => `may-${account.name}`;

const of = (accounts: readonly RegistryAccount[]): string => `{ http_auth_group(accounts) ${accounts.map(group).join(" ")} }`;

/** As clients show it to their users (https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes). */
const error = (code: string, message: string): string =>
  `'${JSON.stringify({ errors: [{ code, message }] }).replaceAll("'", "'\\''")}'`;
const refusal = (message: string): string => `return status 403 content-type application/json string ${error("DENIED", message)}`;

export function renderFront({ host, isFilledHere, filledAt, projects, accounts }: SiteRegistry): string {
  const maxConnections = Math.floor((memoryMibOf(host, "front") * 1024) / 2 / connectionKib);
  const monitors = accounts.filter(({ does }) => does === "monitors");
  const replicates = accounts.filter(({ does }) => does === "replicates");
  const writers = accounts.filter(({ does }) => does === (isFilledHere ? "pushes" : "replicates"));
  const rights = projects.flatMap((project) => {
    const within = `{ path_beg /v2/${project}/ }`;
    const readers = accounts.filter(({ reads }) => reads.includes(project));
    return [
      `  http-request set-var(txn.allowed) bool(true) if reads ${within} ${of(readers)}`,
      `  http-request set-var(txn.allowed) bool(true) if writes ${within} ${of(writers.filter((one) => one.writes.includes(project)))}`,
    ];
  });
  const elsewhere = isFilledHere
    ? `images are pushed here by a project's own account, as push-${projects[0]}`
    : `images are pushed at ${filledAt}, from whose registry they come here by themselves`;
  return `# ${managed}
global
  log stdout format raw local0 info
  maxconn ${maxConnections}
  ssl-default-bind-options ssl-min-ver TLSv1.2

defaults
  mode http
  log global
  timeout connect 2s
  # A client that uploads a large layer waits until its digest is checked.
  timeout client 10m
  timeout server 10m
  timeout http-request 10s
  http-error status 503 content-type application/json string ${error("UNAVAILABLE", `the registry of ${host.site} does not answer`)}

frontend registry
  bind ${host.addresses.management}:${platformPorts.registry} ssl crt ${registryPaths.certificate} alpn h2,http/1.1
  log-format "%ci %[var(txn.account)] %HM %HP %ST %B %Tt"
  monitor-uri ${healthPath}
  monitor fail if { nbsrv(registry) eq 0 }
  acl reads method GET HEAD
  acl writes method POST PUT PATCH
  http-request auth realm registry unless { http_auth(accounts) }
  http-request set-var(txn.account) http_auth_user
  # Another spelling of a path could mean another project.
  http-request ${refusal("a path without .. // and %")} if { path -m sub .. // % }
  http-request set-var(txn.allowed) bool(true) if reads { path /v2/ }
  http-request set-var(txn.allowed) bool(true) if reads { path /v2/_catalog } ${of(replicates)}
  http-request set-var(txn.allowed) bool(true) if reads { path /metrics } ${of(monitors)}
${rights.join("\n")}
  http-request ${refusal(elsewhere)} if writes !{ var(txn.allowed) -m bool }
  http-request ${refusal("this account has no right to that")} unless { var(txn.allowed) -m bool }
  # A layer that is taken over from another repository, as a query or a form asks for it, could be another project's: it is uploaded instead.
  http-request set-pathq %[path] if { method POST }
  http-request del-header content-type if { method POST }
  use_backend metrics if { path /metrics }
  default_backend registry

backend registry
  option httpchk GET /v2/
  server registry 127.0.0.1:${registryPorts.registry} check inter 1s fall 2 rise 1

backend metrics
  server registry 127.0.0.1:${registryPorts.registryMetrics}
`;
}

/** Secret: a file of its own. */
export const renderAccounts = (passwords: readonly { readonly account: string; readonly password: string }[]): string =>
  `# ${managed}
userlist accounts
${passwords.map(({ account }) => `  group ${group({ name: account })} users ${account}`).join("\n")}
${passwords.map(({ account, password }) => `  user ${account} insecure-password ${haproxyWord(password)}`).join("\n")}
`;

/** The command of its container. */
export const frontCommand: readonly string[] = ["haproxy", "-db", "-f", registryPaths.accounts, "-f", registryPaths.front];
