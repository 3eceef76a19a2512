/**
 * A real host's Docker engine. Its containers share the host's network, so it keeps no packet filter rules of its own; they go on while it crashes, is
 * restarted or upgraded (https://docs.docker.com/engine/daemon/live-restore/).
 */
export const renderDockerDaemon = (): string =>
  `${JSON.stringify({ "live-restore": true, iptables: false, ip6tables: false, bridge: "none" }, null, 2)}\n`;
