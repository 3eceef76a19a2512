import { balancerPorts } from "../../environments/model/ports.ts";
import type { Host, Timings } from "../../environments/model/topology.ts";
import { managed } from "../managed.render.ts";
import { balancerPaths, watchOf } from "./balancer.render.ts";

/** Memory that one proxied connection takes, with its buffers on both sides, in KiB. */
const connectionKib = 64;

/** Memory limit of a host's HAProxy in MiB: half of the host's. */
export const haproxyMemoryMib = (host: Host): number => Math.floor((host.size.memoryGib * 1024) / 2);

/** What all services of a host's HAProxy have in common: limits, timings, its health for keepalived, status page and metrics. */
export function renderHaproxy(host: Host, timings: Timings): string {
  const { intervalMs, fastIntervalMs, fall, answerMs, connectMs } = watchOf(timings);
  // Half of its memory: while it reloads, the worker before it still serves its own connections.
  const maxConnections = Math.floor((haproxyMemoryMib(host) * 1024) / 2 / connectionKib);
  return `# ${managed}
global
  node ${host.name}
  log stdout format raw local0 notice
  nbthread ${host.size.cpus}
  maxconn ${maxConnections}
  # A worker that was replaced by a reload ends with its last connection, and at last when none could be older.
  hard-stop-after 24h
  # The first checks after a start or reload are not spread over an interval.
  max-spread-checks 20ms
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-server-options ssl-min-ver TLSv1.2

defaults
  mode tcp
  log global
  option dontlognull
  # Clients keep connections for hours; a dead end is found by TCP's own probes, as the host's kernel settings time them.
  option tcpka
  timeout client 24h
  timeout server 24h
  timeout connect ${connectMs}ms
  timeout check ${answerMs}ms
  timeout http-request 5s
  timeout queue 5s
  retries 1
  option redispatch 1
  default-server inter ${intervalMs}ms fastinter ${fastIntervalMs}ms downinter ${fastIntervalMs}ms fall ${fall} rise 1 on-marked-down shutdown-sessions tcp-ut ${intervalMs + fall * answerMs}ms

# Answers with the process that serves: a reload shows as another one.
frontend health
  bind 127.0.0.1:${balancerPorts.health}
  mode http
  timeout client 5s
  http-request return status 200 content-type text/plain lf-string "%pid"

frontend statistics
  bind ${host.addresses.management}:${balancerPorts.statistics} ssl crt ${balancerPaths.certificate} alpn h2,http/1.1
  mode http
  timeout client 30s
  http-request auth realm balancer unless { http_auth(statistics) }
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /
  stats refresh 5s
  stats show-node
`;
}

/** Who may see status page and metrics. Secret: a file of its own. */
export function renderUsers(password: string): string {
  return `# ${managed}
userlist statistics
  user monitoring insecure-password ${haproxyWord(password)}
`;
}

/** As HAProxy reads a word: everything but letters and digits by its number. */
export const haproxyWord = (text: string): string =>
  [...Buffer.from(text, "utf8")]
    .map((byte) =>
      /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    )
    .join("");
