import { mkdirSync, readFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Zone } from "../../../environments/model/topology.ts";
import { testAuthority } from "../../support/certificates.ts";

// What stands behind the VIPs: servers of the test's own process, on the address that this machine has in the zone's planes.

export interface TestServers {
  /** Directory with `ca.crt` and `statistics.pem`. */
  readonly authority: string;
  /** A greeting by name, then whatever the client says; each with a health page of its own. */
  readonly databases: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly health: number;
  }[];
  /** Answers /readyz over TLS, with a certificate of the authority that names it, or another. */
  readonly apis: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  /** The last of the APIs: not ready until it is told so, and gone for good when it dies. */
  readonly mortal: { ready: boolean; die(): void };
  /** Name of the database whose health page says that it is the writer, or `both`. */
  writer: string;
  stop(): void;
}

export async function startServers(directory: string, zone: Zone): Promise<TestServers> {
  mkdirSync(directory, { recursive: true });
  const signed = testAuthority(directory);
  const open: (Server | ReturnType<typeof createServer>)[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server | ReturnType<typeof createServer>, address: string): Promise<number> => {
    open.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const bound = server.address();
    return typeof bound === "object" && bound ? bound.port : 0;
  };

  const state = { writer: "db1" };
  const databases = [];
  const storage = zone.planes.storage.gateway;
  for (const name of ["db1", "db2"]) {
    const server = createServer((socket) => {
      socket.write(`${name}\n`);
      socket.pipe(socket);
    });
    const page = createHttpServer((request, response) => {
      response.writeHead(request.url === "/writer" && ["both", name].includes(state.writer) ? 200 : 503).end();
    });
    databases.push({ name, address: storage, port: await listen(server, storage), health: await listen(page, storage) });
  }

  const apis = [];
  const management = zone.planes.management.gateway;
  signed("api", "/CN=api", "subjectAltName=DNS:cp1,DNS:cp3\nextendedKeyUsage=serverAuth");
  signed("statistics", "/CN=statistics", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth");
  const credential = { cert: readFileSync(join(directory, "api.crt")), key: readFileSync(join(directory, "api.key")) };
  const mortal = { ready: false, die: () => {} };
  // cp2 shows a certificate that does not name it; cp3 is the mortal one.
  for (const name of ["cp1", "cp2", "cp3"]) {
    const server = createHttpsServer(credential, (request, response) => {
      response.writeHead(request.url !== "/readyz" ? 404 : name !== "cp3" || mortal.ready ? 200 : 500).end(name);
    });
    apis.push({ name, address: management, port: await listen(server, management) });
    if (name === "cp3") mortal.die = () => void server.close().closeAllConnections();
  }

  return Object.assign(state, {
    ...{ authority: directory, databases, apis, mortal },
    stop: () => {
      for (const server of open) server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}
