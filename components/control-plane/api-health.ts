import { request } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { controlPlanePorts } from "../../environments/model/ports.ts";

/** How the program, on the operator's machine, asks an API server. */
export interface ApiCaller {
  /** PEM: who must have signed the server's certificate. */
  readonly authorities: string;
  /** PEM: whom the caller is; without it, the caller is nobody. */
  readonly user?: { readonly certificate: string; readonly privateKey: string };
}

export interface ApiAddress {
  readonly name: string;
  readonly address: string;
  /** Default 6443. */
  readonly port?: number;
}

/** Seconds until a server that just started is ready, at the most: its datastore may be starting too. */
const patienceSeconds = 180;

/** Resolves when all of them answer that they are ready; rejects with who does not and why. */
export async function allReady(servers: readonly ApiAddress[], caller: ApiCaller, seconds = patienceSeconds): Promise<void> {
  const reasons = await Promise.all(servers.map((server) => whyNotReady(server, caller, seconds)));
  const problems = reasons.flatMap((reason, index) => (reason === undefined ? [] : [`${servers[index]?.name}: ${reason}`]));
  if (problems.length > 0)
    throw new Error(
      `the next API server is not touched before these are ready (waited ${seconds} s): ${problems.join("; ")}. ` +
        "Look at their logs (docker logs), bring them back and run again",
    );
}

/** The servers, first those that are not ready: a change repairs these, and comes to the others when they are. */
export async function unreadyFirst(servers: readonly ApiAddress[], caller: ApiCaller): Promise<readonly ApiAddress[]> {
  const asked = await Promise.all(servers.map(async (server) => ({ server, reason: await whyNotReady(server, caller, 0) })));
  const isReady = ({ reason }: { readonly reason: string | undefined }): number => (reason === undefined ? 1 : 0);
  return asked.toSorted((a, b) => isReady(a) - isReady(b)).map(({ server }) => server);
}

async function whyNotReady(server: ApiAddress, caller: ApiCaller, seconds: number): Promise<string | undefined> {
  let reason: string | undefined;
  await patiently(seconds, async () => {
    reason = await ask(server, "/readyz", caller).then(
      ({ status, body }) => (status === 200 ? undefined : `GET /readyz answers ${status}: ${body.slice(0, 300)}`),
      (error: Error) => error.message,
    );
    return reason === undefined;
  });
  return reason;
}

/** What tells a cluster from every other: the UID of its namespace kube-system, from the first server that knows it. */
export async function readClusterUid(
  servers: readonly ApiAddress[],
  caller: ApiCaller,
  seconds = patienceSeconds,
): Promise<string> {
  const problems = new Map<string, string>();
  let uid: string | undefined;
  await patiently(seconds, async () => {
    for (const server of servers) {
      uid = await ask(server, "/api/v1/namespaces/kube-system", caller).then(
        ({ status, body }) => {
          if (status === 200) return (JSON.parse(body) as { readonly metadata: { readonly uid: string } }).metadata.uid;
          problems.set(server.name, `answers ${status}`);
          return undefined;
        },
        (error: Error) => void problems.set(server.name, error.message),
      );
      if (uid !== undefined) return true;
    }
    return false;
  });
  if (uid !== undefined) return uid;
  const list = [...problems].map(([name, problem]) => `${name}: ${problem}`).join("; ");
  throw new Error(`no API server tells the UID of its cluster (waited ${seconds} s): ${list}`);
}

/** Attempts until one succeeds or the time is over. */
export async function patiently(seconds: number, attempt: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await attempt()) && Date.now() < deadline) await delay(500);
}

/** What is to be changed, where a question is more than that. */
export interface ApiChange {
  readonly method: "PATCH" | "POST";
  /** Of a PATCH: a merge patch (RFC 7396). */
  readonly body: object;
}

/** A question to an API server: its answer's status and text. */
export function ask(
  server: ApiAddress,
  path: string,
  { authorities, user }: ApiCaller,
  change?: ApiChange,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: server.address,
        port: server.port ?? controlPlanePorts.api,
        path,
        ca: authorities,
        ...(user && { cert: user.certificate, key: user.privateKey }),
        ...(change && {
          method: change.method,
          headers: { "content-type": change.method === "PATCH" ? "application/merge-patch+json" : "application/json" },
        }),
        // A connection a question: a kept one could belong to the server that was there before.
        agent: false,
        signal: AbortSignal.timeout(5000),
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          body += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    asking.on("error", reject);
    asking.end(change && JSON.stringify(change.body));
  });
}
