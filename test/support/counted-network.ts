import assert from "node:assert/strict";
import { execa, type Result } from "execa";

/** The last words on standard error are the count. */
const counted = `
set -eu
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true
ip link set lo up
ip link add out type veth peer name far
ip link set far up
ip addr add 192.0.2.1/24 dev out
ip link set out up
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev out
ip route add default via 192.0.2.2
sent() { cat /sys/class/net/out/statistics/tx_packets; }
mount -t sysfs none /sys
before=$(sent)
code=0
"$@" || code=$?
during=$(( $(sent) - before ))
echo hello > /dev/udp/198.51.100.1/9
echo "sent during $during, by the check itself $(( $(sent) - before - during ))" >&2
exit $code
`;

/** Runs a command in a network of its own whose only way out counts what leaves, and sees that nothing did. */
export async function sendsNothing(words: readonly string[], options: { readonly reject?: false } = {}): Promise<Result> {
  assert.equal(process.getuid?.(), 0, "needs root, to make a network of its own");
  const result = await execa("unshare", ["--net", "--mount", "bash", "-c", counted, "bash", ...words], options);
  assert.match(String(result.stderr), /sent during 0, by the check itself 1$/);
  return result;
}
