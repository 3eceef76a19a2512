// A client of the Kubernetes API, run as a process of its own: one ConfigMap after the other, each with its number, over a new connection each,
// so that it meets every API server in turn; and beside it, who leads the controllers. A line of JSON about each. It ends when its standard input does.
import { request } from "node:https";
import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { clientPatience } from "../../../environments/model/outages.ts";
import { readKubeconfig } from "../../toolchain/plugins/kubernetes/kubeconfig.ts";
import { hasEnded, say, settingsOf } from "../program.ts";
import { now, type Outcome, type Written } from "./records.ts";

export interface ObjectWriterSettings {
  readonly kubeconfig: string;
  /** Where the API's VIP is: names come from nowhere in a lab. */
  readonly address: string;
  readonly namespace: string;
  readonly client: string;
  readonly pauseMs: number;
}

/** The controllers' lease as it was seen; one that was renewed counts as a success of theirs. */
export interface SeenLease {
  readonly leader: string;
  readonly at: number;
}

const settings = settingsOf<ObjectWriterSettings>();
const { server, tls } = readKubeconfig(settings.kubeconfig);

interface Answer {
  readonly code: number;
  readonly text: string;
}

/** One request over a connection of its own. */
function call(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...tls,
        method,
        path,
        host: settings.address,
        port: server.port || 443,
        ...(tls.servername === undefined && isIP(server.hostname) === 0 && { servername: server.hostname }),
        agent: false,
        headers: { host: server.host, ...(text !== undefined && { "content-type": "application/json" }) },
        signal: AbortSignal.timeout(clientPatience.objects * 1000),
      },
      (response) => {
        let got = "";
        response.setEncoding("utf8");
        response.on("data", (data: string) => {
          got += data;
        });
        response.on("end", () => resolve({ code: response.statusCode ?? 0, text: got }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

const { namespace, client } = settings;
let made = false;

async function write(sequence: number): Promise<{ outcome: Outcome; why?: string }> {
  try {
    if (!made) {
      const { code, text } = await call("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace },
      });
      if (code !== 201 && code !== 409) return { outcome: "failed", why: `${code}: ${text.slice(0, 200)}` };
      made = true;
    }
    const metadata = { name: `${client}-${sequence}`, labels: { client } };
    const { code, text } = await call("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
    });
    if (code === 201) return { outcome: "acknowledged" };
    // The server's own error can hide a write that its datastore has done; what it refuses it has not.
    return { outcome: code >= 500 ? "unknown" : "failed", why: `${code}: ${text.slice(0, 200)}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { outcome: code === "ECONNREFUSED" || !made ? "failed" : "unknown", why: message };
  }
}

async function writeObjects(): Promise<void> {
  for (let sequence = 1; !hasEnded(); sequence++) {
    const result = await write(sequence);
    const line: Written = { sequence, at: now(), ...result };
    say({ objects: line });
    await pause(settings.pauseMs);
  }
}

async function watchLeader(): Promise<void> {
  let renewed = "";
  while (!hasEnded()) {
    try {
      const { text } = await call("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager");
      const { spec } = JSON.parse(text) as { spec?: { holderIdentity?: string; renewTime?: string } };
      if (spec?.renewTime && spec.renewTime !== renewed) {
        renewed = spec.renewTime;
        const line: SeenLease = { leader: spec.holderIdentity ?? "", at: now() };
        say({ lease: line });
      }
    } catch {
      // Seen at the next look, or missing until then: that is what is measured.
    }
    await pause(500);
  }
}

await Promise.all([writeObjects(), watchLeader()]);
