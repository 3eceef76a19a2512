import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TestControlPlane } from "./control-plane.ts";

/** Plays the part of a node's kubelet that tells what the node uses. */
export interface TestKubelet {
  readonly port: number;
  /** Who asked, by the common name of a certificate of the cluster; nobody else is answered. */
  readonly askedBy: ReadonlySet<string>;
  stop(): void;
}

export async function startKubelet(plane: TestControlPlane, node: string): Promise<TestKubelet> {
  const { certificate, privateKey } = plane.issued(`kubelet-${node}`);
  const askedBy = new Set<string>();
  const server: Server = createServer(
    { cert: certificate, key: privateKey, ca: plane.file("kubernetes-authorities.pem"), requestCert: true },
    (question, response) => {
      askedBy.add(String((question.socket as TLSSocket).getPeerCertificate().subject.CN));
      response.end(question.url === "/metrics/resource" ? used() : "");
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, askedBy, stop: () => server.close() };
}

/** Half a core since the beginning of time, and 64 MiB. */
function used(): string {
  const now = Date.now();
  return [`node_cpu_usage_seconds_total ${now / 2000} ${now}`, `node_memory_working_set_bytes ${64 * 2 ** 20} ${now}`, ""].join(
    "\n",
  );
}
