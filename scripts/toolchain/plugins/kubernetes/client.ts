import http from "node:http";
import https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { Values } from "../provider/values.ts";
import type { Connection } from "./kubeconfig.ts";
import { listAt, numberAt, textAt } from "./manifest.ts";

/** The API server's own refusal: a `Status` object. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly body: Values;

  constructor(code: number, body: Values) {
    super(textAt(body, "message") ?? `the API server answered ${code}`);
    this.code = code;
    this.reason = textAt(body, "reason") ?? "";
    this.body = body;
  }
}

/** No answer at all: the cluster can't be reached, or not with this certificate. */
export class UnreachableError extends Error {}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Values;
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** How often to try again where trying again can help; 8 by default, which takes 20 s: longer than a site in good order is without its API. */
  readonly retries?: number;
}

export interface Answer {
  readonly code: number;
  readonly body: Values;
  readonly warnings: readonly string[];
}

const requestTimeoutMs = 30_000;
const connectTimeoutMs = 5_000;
/** A balancer that moves, a server that restarts: refused or asked to wait. */
const busy = new Set([429, 502, 503, 504]);

/** Also what a server hands on from its datastore as it came (a writer that moves cuts its connections): an error without any reason of the API's own. */
const isPassing = ({ code, reason }: ApiError): boolean => busy.has(code) || (code === 500 && reason === "");

/** Speaks to one API server over connections that are kept. */
export class ApiClient {
  readonly connection: Connection;
  private readonly agent: https.Agent | http.Agent;

  constructor(connection: Connection) {
    this.connection = connection;
    const options = { keepAlive: true, maxSockets: 10, timeout: requestTimeoutMs };
    this.agent = connection.server.protocol === "http:" ? new http.Agent(options) : new https.Agent(options);
  }

  async call(path: string, call: Call): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.once(path, call);
        if (answer.code < 400) return answer;
        throw new ApiError(answer.code, answer.body);
      } catch (error) {
        const again = error instanceof UnreachableError || (error instanceof ApiError && isPassing(error));
        if (!again || attempt >= (call.retries ?? 8) || call.signal.aborted) throw error;
        const asked = error instanceof ApiError ? numberAt(error.body, "details", "retryAfterSeconds") : undefined;
        await delay(Math.min(asked ? asked * 1000 : 200 * 2 ** attempt, 5_000), undefined, { signal: call.signal });
      }
    }
  }

  async get(path: string, signal: AbortSignal): Promise<Values> {
    return (await this.call(path, { signal })).body;
  }

  private async once(path: string, { method = "GET", query, body, contentType, signal }: Call): Promise<Answer> {
    const { server, tls, headers } = this.connection;
    const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options = {
      method,
      agent: this.agent,
      signal,
      headers: {
        accept: "application/json",
        "user-agent": "pulumi-kubernetes-portable",
        ...(await headers()),
        ...(text !== undefined && {
          "content-type": contentType ?? "application/json",
          "content-length": Buffer.byteLength(text),
        }),
      },
      ...tls,
    };
    return new Promise((resolve, reject) => {
      const request = (server.protocol === "http:" ? http : https).request(url, options, (response) => {
        clearTimeout(connecting);
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => reject(this.unreachable(error)));
        response.on("end", () =>
          resolve({
            code: response.statusCode ?? 0,
            body: parsed(Buffer.concat(chunks).toString("utf8")),
            warnings: warningsIn(response.headers["warning"]),
          }),
        );
      });
      const connecting = setTimeout(() => {
        if (request.socket?.connecting !== false) request.destroy(new Error(`no connection within ${connectTimeoutMs / 1000} s`));
      }, connectTimeoutMs);
      request.setTimeout(requestTimeoutMs, () => request.destroy(new Error(`no answer within ${requestTimeoutMs / 1000} s`)));
      request.on("error", (error) => {
        clearTimeout(connecting);
        reject(signal.aborted ? (signal.reason as Error) : this.unreachable(error));
      });
      request.end(text);
    });
  }

  private unreachable(error: Error): UnreachableError {
    const { server, cluster } = this.connection;
    return new UnreachableError(`the cluster ${cluster} at ${server.href} can't be reached: ${causeOf(error)}`);
  }
}

/** An address with several records fails with all their errors together and a message that is empty. */
function causeOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: unknown) => (each as Error).message).join("; ");
  return error.message || String((error as NodeJS.ErrnoException).code);
}

function parsed(text: string): Values {
  try {
    return JSON.parse(text) as Values;
  } catch {
    return { message: text.trim().slice(0, 500) };
  }
}

/** `299 - "text"`, several in one header: RFC 9111 had it last, the API server still sends it. */
function warningsIn(header: string | undefined): string[] {
  return [...(header ?? "").matchAll(/\d{3} \S+ ("(?:[^"\\]|\\.)*")/g)].map(([, quoted = '""']) => JSON.parse(quoted) as string);
}

/** Which fields another manager holds, from the refusal of an apply: its `details.causes`. */
export function conflictsIn(error: ApiError): string[] {
  return listAt(error.body, "details", "causes")
    .filter((cause) => textAt(cause, "reason") === "FieldManagerConflict")
    .map((cause) => `${textAt(cause, "field") ?? "?"}: ${textAt(cause, "message") ?? ""}`);
}
