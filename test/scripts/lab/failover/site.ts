import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { databasePaths } from "../../../../components/database/cluster.render.ts";
import type { Host } from "../../../../environments/model/topology.ts";
import { checkout } from "../../../../scripts/console/directories.ts";
import { clientOf } from "../../../../scripts/lab/daemon.ts";
import { serviceName } from "../../../../scripts/lab/failover/faults.ts";
import { type Place, placeOf } from "../../../../scripts/lab/failover/places.ts";
import { type Lab, labDirectory, labId, writeLab } from "../../../../scripts/lab/instance.ts";
import { hostsOf, labTopology } from "../../../../scripts/lab/machines.ts";
import { labUp } from "../../../../scripts/lab/up.ts";
import { testAuthority } from "../../../support/certificates.ts";
import { whileUninterrupted } from "../../../support/interrupted.ts";
import { makeMachine, makeNetworks } from "../lab-on-machine.ts";

// A lab with machines of one site's platform zone, and stand-ins on them: a database server that is no cluster, and what a case runs it with.
// Loaded after the environment names a lab of the test's own.

export interface Ground {
  readonly lab: Lab;
  readonly docker: Docker;
  readonly hosts: readonly Host[];
  readonly place: Place;
  /** Certificates and keys: containers see them at /tls. */
  readonly tls: string;
}

/** Machines of the hosts that the test names from the place. */
export async function makeGround(home: string, wanted: (place: Place) => readonly (Host | undefined)[]): Promise<Ground> {
  writeLab({
    ...{ id: labId(), checkout, directory: labDirectory(), slot: 0, dockerHost: "", engine: "private", engineId: "" },
    ...{
      machineImage: "",
      image: "",
      workerMachineImage: "",
      workerImage: "",
      images: {},
      sshUser: "",
      sshPort: 22,
      createdAt: new Date().toISOString(),
    },
  });
  const lab = await whileUninterrupted(labUp);
  const docker = clientOf(lab.dockerHost);
  const topology = labTopology(lab);
  const place = placeOf(topology, "dc1");
  const zone = topology.sites.flatMap(({ zones }) => zones).find(({ hosts }) => hosts.includes(place.clientHost));
  assert.ok(zone);
  await makeNetworks(docker, lab, zone);
  const chosen = wanted(place).filter((host) => host !== undefined);
  await Promise.all(chosen.map((host) => makeMachine(docker, lab, host)));
  return { lab, docker, hosts: hostsOf(topology), place, tls: makeCertificates(home, place) };
}

function makeCertificates(home: string, { databaseVip, apiVip, controlPlane }: Place): string {
  const tls = join(home, "tls");
  mkdirSync(tls);
  const signed = testAuthority(tls);
  const api = [apiVip.address, ...controlPlane.map(({ addresses }) => addresses.management)];
  const names = (addresses: readonly string[]) =>
    `extendedKeyUsage=serverAuth\nsubjectAltName=${["127.0.0.1", ...addresses].map((address) => `IP:${address}`).join(",")}`;
  signed("server", "/CN=database", names([databaseVip.address]));
  signed("api", "/CN=kube-apiserver", names(api));
  signed("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth");
  for (const purpose of ["drill", "datastore"])
    signed(purpose, `/O=Tandem Lab/OU=dc1/CN=database-${purpose}`, "extendedKeyUsage=clientAuth");
  writeFileSync(join(tls, "health"), health);
  for (const name of readdirSync(tls)) chmodSync(join(tls, name), 0o644);
  for (const path of [home, tls]) chmodSync(path, 0o755);
  return tls;
}

export const pem = ({ tls }: Ground, name: string): string => readFileSync(join(tls, name), "utf8");

/** A service of a host as the platform runs it: in the host's namespaces, without capabilities, started again by the engine. */
export async function startService(ground: Ground, host: Host, service: string, image: string, command: string[]): Promise<void> {
  const { lab, docker, tls } = ground;
  const machine = serviceName(lab, host, "").slice(0, -1);
  const data = `${serviceName(lab, host, service)}-data`;
  if (service === "database") await docker.createVolume({ Name: data, Labels: { "tandem.lab": lab.id } });
  const container = await docker.createContainer({
    name: serviceName(lab, host, service),
    Image: lab.images[image] ?? "",
    Cmd: command,
    Labels: { "tandem.lab": lab.id, "tandem.host": host.name, "tandem.service": service },
    HostConfig: {
      NetworkMode: `container:${machine}`,
      PidMode: `container:${machine}`,
      RestartPolicy: { Name: "unless-stopped" },
      Binds: [`${tls}:/tls:ro`, ...(service === "database" ? [`${data}:${databasePaths.data}`] : [])],
      Tmpfs: { "/run/database": "uid=900,gid=900,mode=0755" },
      CapDrop: ["ALL"],
    },
  });
  await container.start();
}

const health = `read -r line
mysqladmin --no-defaults --socket=/run/database/mysqld.sock --user=nobody ping >/dev/null 2>&1 && code='200 OK' || code='503 Service Unavailable'
printf 'HTTP/1.1 %s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$code"
`;

/** A server as a node has it, but alone: TLS, accounts proved by certificate, root by the socket, a page that says it is the writer. */
export const startServer = (address: string): string[] => [
  "sh",
  "-c",
  `set -eu
socat TCP-LISTEN:3380,bind=${address},reuseaddr,fork SYSTEM:'sh /tls/health' &
options="--no-defaults --datadir=/var/lib/mysql --socket=/run/database/mysqld.sock --pid-file=/run/database/mysqld.pid"
[ -d /var/lib/mysql/mysql ] || mysql_install_db $options --skip-test-db --auth-root-authentication-method=socket --auth-root-socket-user=root
cat > /run/database/init.sql <<END
CREATE DATABASE IF NOT EXISTS drill;
CREATE DATABASE IF NOT EXISTS kubernetes;
CREATE USER IF NOT EXISTS drill@'%' REQUIRE SUBJECT '/O=Tandem Lab/OU=dc1/CN=database-drill';
GRANT CREATE, INSERT, SELECT ON drill.* TO drill@'%';
CREATE USER IF NOT EXISTS datastore@'%' REQUIRE SUBJECT '/O=Tandem Lab/OU=dc1/CN=database-datastore';
GRANT ALL ON kubernetes.* TO datastore@'%';
END
exec mysqld $options --init-file=/run/database/init.sql --skip-name-resolve --bind-address=${address} --require-secure-transport \\
  --ssl-ca=/tls/ca.crt --ssl-cert=/tls/server.crt --ssl-key=/tls/server.key`,
];

/** Hands connections on, as a balancer does. */
export const startRelay = (...ways: readonly { readonly from: string; readonly to: string }[]): string[] => {
  const [last, ...others] = ways.map(({ from, to }) => {
    const [address, port] = from.split(":");
    return `socat TCP-LISTEN:${port},bind=${address},reuseaddr,fork TCP:${to}`;
  });
  return ["sh", "-c", [...others.map((one) => `${one} &`), `exec ${last}`].join("\n")];
};

export const startKine = ({ databaseVip }: Place): string[] => [
  `--endpoint=mysql://datastore@tcp(${databaseVip.address}:3306)/kubernetes`,
  ...["--ca-file=/tls/ca.crt", "--cert-file=/tls/datastore.crt", "--key-file=/tls/datastore.key"],
  ...["--listen-address=tcp://127.0.0.1:2379", "--metrics-bind-address=0"],
];

export const startApi = (address: string): string[] => [
  ...[
    "--etcd-servers=http://127.0.0.1:2379",
    "--secure-port=6443",
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
  ],
  ...["--tls-cert-file=/tls/api.crt", "--tls-private-key-file=/tls/api.key", "--client-ca-file=/tls/ca.crt"],
  ...["--authorization-mode=RBAC", "--service-account-issuer=https://kubernetes.default.svc"],
  ...["--service-account-key-file=/tls/api.crt", "--service-account-signing-key-file=/tls/api.key"],
  ...["--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none"],
  "--disable-admission-plugins=ServiceAccount",
];

export function kubeconfigOf(ground: Ground): string {
  const data = (name: string) => Buffer.from(pem(ground, name)).toString("base64");
  const server = `https://${ground.place.apiVip.address}:6443`;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": data("ca.crt") } }],
    users: [{ name: "admin", user: { "client-certificate-data": data("admin.crt"), "client-key-data": data("admin.key") } }],
  });
}
