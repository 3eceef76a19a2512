import assert from "node:assert/strict";
import { request } from "node:https";
import type { TestControlPlane } from "./control-plane.ts";

export type Json = { readonly [key: string]: unknown };

export interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
}

export interface ApiQuestion {
  readonly method?: "DELETE" | "GET" | "PATCH" | "POST";
  readonly body?: Json;
  /** Default: the administrator. */
  readonly as?: "nobody" | { readonly token: string };
}

export type ApiCall = (path: string, question?: ApiQuestion) => Promise<ApiAnswer>;
export type ApiCreate = (path: string, body: Json) => Promise<ApiAnswer>;

/** How a test asks a control plane; `create` fails where the object is refused. */
export function callerOf(plane: TestControlPlane): { readonly api: ApiCall; readonly create: ApiCreate } {
  const api: ApiCall = (path, { method = "GET", body, as } = {}) => {
    const { certificate, privateKey } = plane.administrator;
    const user = as === undefined && { cert: certificate, key: privateKey };
    const headers = {
      ...(body && { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" }),
      ...(typeof as === "object" && { authorization: `Bearer ${as.token}` }),
    };
    const options = {
      host: "127.0.0.1",
      port: plane.ports.api,
      path,
      method,
      ca: plane.authorities,
      agent: false,
      headers,
      ...user,
    };
    return new Promise((resolve, reject) => {
      const asking = request(options, (response) => {
        let text = "";
        response.on("data", (part: Buffer) => {
          text += part.toString();
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text, body: text.startsWith("{") ? JSON.parse(text) : {} }),
        );
      });
      asking.on("error", reject);
      asking.end(body && JSON.stringify(body));
    });
  };
  const create: ApiCreate = async (path, body) => {
    const answer = await api(path, { method: "POST", body });
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`);
    return answer;
  };
  return { api, create };
}

export const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);

/** Keeps to the restricted standard. */
export const restrictedContainer = {
  name: "main",
  image: "nothing",
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
};
