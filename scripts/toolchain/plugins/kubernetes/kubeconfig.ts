import { readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { dirname, resolve } from "node:path";
import { type Cluster, newClusters, newContexts, newUsers, type User } from "@kubernetes/client-node/dist/config_types.js";
import { parse } from "yaml";

/**
 * Where a cluster is and how to log in. Only the client library's own readers are loaded: its `KubeConfig` brings all generated API
 * classes, 0.4 s and 80 MB in every plugin process.
 */
export interface Connection {
  readonly server: URL;
  /** The cluster's name in the kubeconfig. */
  readonly cluster: string;
  /** The namespace of the context; objects that name none go there, as with kubectl. */
  readonly namespace: string | undefined;
  readonly tls: Pick<RequestOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
  /** Headers that log in; made for each request, because a token may be renewed. */
  headers(): Promise<Record<string, string>>;
}

export interface Choice {
  readonly context?: string;
  readonly cluster?: string;
}

/** Reads a kubeconfig given as its content or as a path. */
export function readKubeconfig(given: string, choice: Choice = {}): Connection {
  const { text, directory } = contentOf(given);
  const config: unknown = parse(text);
  if (typeof config !== "object" || config === null) {
    throw new Error(
      "kubeconfig: it is neither the path of a file nor the content of one (YAML or JSON with clusters, users, contexts)",
    );
  }
  const of = (key: string): unknown => (config as Record<string, unknown>)[key];
  const clusters = newClusters(of("clusters"));
  const contextName = choice.context ?? (of("current-context") as string | undefined);
  const context = newContexts(of("contexts")).find(({ name }) => name === contextName);
  if (!context) {
    const names = newContexts(of("contexts")).map(({ name }) => name);
    throw new Error(
      `kubeconfig: ${contextName ? `there is no context ${contextName}` : "it has no current-context"}; it has ${names.join(", ") || "none"}. Set the provider's context to one of them`,
    );
  }
  const wanted = choice.cluster ?? context.cluster;
  const cluster = clusters.find(({ name }) => name === wanted);
  if (!cluster)
    throw new Error(`kubeconfig: there is no cluster ${wanted}; it has ${clusters.map(({ name }) => name).join(", ")}`);
  const user = newUsers(of("users")).find(({ name }) => name === context.user);
  return connection(cluster, user, context.namespace, directory);
}

function connection(cluster: Cluster, user: User | undefined, namespace: string | undefined, directory: string): Connection {
  if (cluster.proxyUrl) throw notCovered(`clusters: ${cluster.name}: proxy-url`);
  if (user?.authProvider) throw notCovered(`users: ${user.name}: auth-provider`);
  if (user?.impersonateUser) throw notCovered(`users: ${user.name}: as`);
  const file = (data: string | undefined, path: string | undefined) =>
    data ? Buffer.from(data, "base64") : path ? readFileSync(resolve(directory, path)) : undefined;
  const tls = {
    ca: file(cluster.caData, cluster.caFile),
    cert: file(user?.certData, user?.certFile),
    key: file(user?.keyData, user?.keyFile),
    rejectUnauthorized: !cluster.skipTLSVerify,
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
  };
  /** Keeps what the command answered until it expires. */
  let executable: { applyAuthentication(user: User, options: RequestOptions): Promise<void> } | undefined;
  const headers = async (): Promise<Record<string, string>> => {
    if (user?.exec) {
      const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
      const options: RequestOptions = {};
      executable ??= new ExecAuth();
      await executable.applyAuthentication(user, options);
      Object.assign(tls, options.cert && { cert: options.cert }, options.key && { key: options.key });
      return (options.headers ?? {}) as Record<string, string>;
    }
    if (user?.token) return { authorization: `Bearer ${user.token.trim()}` };
    if (!user?.username) return {};
    return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}` };
  };
  return { server: new URL(cluster.server), cluster: cluster.name, namespace, tls, headers };
}

function notCovered(where: string): Error {
  return new Error(
    `kubeconfig: ${where}: the portable plugin for kubernetes does not cover this; it covers client certificates, tokens, passwords and exec. Use one of them or the official plugin`,
  );
}

function contentOf(given: string): { text: string; directory: string } {
  if (given.includes("\n") || given.trimStart().startsWith("{")) return { text: given, directory: process.cwd() };
  const path = given.startsWith("~/") ? resolve(process.env["HOME"] ?? "/", given.slice(2)) : given;
  try {
    return { text: readFileSync(path, "utf8"), directory: dirname(resolve(path)) };
  } catch (error) {
    throw new Error(`kubeconfig: the file ${path} can't be read: ${(error as Error).message}`);
  }
}
