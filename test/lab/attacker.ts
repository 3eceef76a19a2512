import { hostNamed, on } from "./session.ts";

/** What a proof changes on a host that attacks. */
export const changes = async (name: string): Promise<string> =>
  on(
    hostNamed(name),
    "sudo -n nft list tables | grep isolation; ip rule | grep 'proto 85'; ip route show table all proto 85; ip neigh show nud permanent; " +
      "cat /proc/sys/net/ipv6/conf/eth*/disable_ipv6 2>/dev/null | grep -v 1; true",
  );

/** The only host of its zone that is no gateway: every proof attacks from it. */
export const attacker = "dc1-internet-wk1";
