import type { Numbered } from "../../lab/isolation/senders.ts";

// Sends connections and datagrams from a host that has nothing but its system: perl's base package is on every Debian and Ubuntu.

export interface ProberLimits {
  /** Seconds without an answer after which nobody will. */
  readonly patienceSeconds: number;
  /** Connections at once. */
  readonly atOnce: number;
}

/** Reads one line a packet below its end: `<id> <protocol> <source> <source port> <address> <port>`. */
const program = ({ patienceSeconds, atOnce }: ProberLimits): string => `use strict;
use warnings;
use Errno;
use IO::Handle;
use IO::Select;
use Socket;
my @waiting = map { chomp; [split / /] } <DATA>;
my ($count, $select, %datagrams, %open) = (scalar @waiting, IO::Select->new);
my %silence = map { $_ => 1 } (Errno::ETIMEDOUT, Errno::EHOSTUNREACH, Errno::ENETUNREACH, Errno::EHOSTDOWN);
sub failed {
  my ($id, $error) = @_;
  $! = $error;
  print "$id failed $!\\n";
}
# A refusal is an answer, too: only a packet that arrived gets one.
sub ended {
  my ($id, $error) = @_;
  if ($error == 0 || $error == Errno::ECONNREFUSED || $error == Errno::ECONNRESET) { print "$id answered\\n" }
  elsif (!$silence{$error}) { failed($id, $error) }
}
sub bound {
  my ($type, $source, $source_port) = @_;
  socket(my $socket, PF_INET, $type, 0) or die "socket: $!";
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  return bind($socket, pack_sockaddr_in($source_port, inet_aton($source))) ? $socket : undef;
}
while (@waiting || %open) {
  while (@waiting && keys(%open) < ${atOnce}) {
    my ($id, $protocol, $source, $source_port, $address, $port) = @{shift @waiting};
    my $to = pack_sockaddr_in($port, inet_aton($address));
    if ($protocol eq 'udp') {
      # One for all that leaves by one address and port.
      my $socket = $datagrams{"$source $source_port"} ||= bound(SOCK_DGRAM, $source, $source_port);
      failed($id, $! + 0) if !$socket || !defined send($socket, 'tandem flows', 0, $to);
      next;
    }
    my $socket = bound(SOCK_STREAM, $source, $source_port);
    if (!$socket) { failed($id, $! + 0); next }
    # No TIME_WAIT: the same connection may be tried again at once.
    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    $socket->blocking(0);
    if (!connect($socket, $to) && !$!{EINPROGRESS}) {
      # A host without a way out says so in the call itself.
      if ($silence{$! + 0}) { failed($id, $! + 0) } else { ended($id, $! + 0) }
      next;
    }
    $select->add($socket);
    $open{fileno $socket} = [$id, time + ${patienceSeconds} + 1, $socket];
  }
  for my $socket ($select->can_write(0.2)) {
    my ($id) = @{delete $open{fileno $socket}};
    $select->remove($socket);
    ended($id, unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR)));
    close $socket;
  }
  for my $number (keys %open) {
    my (undef, $deadline, $socket) = @{$open{$number}};
    next if time < $deadline;
    delete $open{$number};
    $select->remove($socket);
    close $socket;
  }
}
# The kernel may still be asking for a neighbour's hardware address.
sleep 1 if %datagrams;
print "sent $count\\n";
__END__
`;

/** What `perl -` reads. */
export const renderProber = (probes: readonly Numbered[], limits: ProberLimits): string =>
  program(limits) +
  probes
    .map(({ id, probe: { protocol, source, sourcePort, to, port } }) =>
      [id, protocol, source, sourcePort, to.address, port].join(" "),
    )
    .join("\n");

/** What it said of each, and whether it came to its end. */
export function readProber(output: string): {
  readonly answered: readonly number[];
  readonly failed: ReadonlyMap<number, string>;
  readonly sent: number;
} {
  const lines = output.split("\n").map((line) => /^(\S+) (\S+) ?(.*)$/.exec(line));
  const of = (word: string): [number, string][] =>
    lines.flatMap((found) => (found?.[2] === word ? [[Number(found[1]), found[3] ?? ""] as [number, string]] : []));
  const [, sent] = /^sent (\d+)$/m.exec(output) ?? [];
  return { answered: of("answered").map(([id]) => id), failed: new Map(of("failed")), sent: Number(sent ?? 0) };
}
