import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Context, type Document, OpenAPIBackend } from "openapi-backend";
import { parse } from "yaml";

// Stands in for Harbor: its API's memory, behind a check of every request against its description. No images, no scanner, nothing is replicated.

type Item = Record<string, unknown> & { id: number };
interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const description = parse(readFileSync(new URL("openapi.yaml", import.meta.url), "utf8")) as Document;
const dayMs = 24 * 3600 * 1000;

export class StandIn {
  readonly configuration: Record<string, { value: unknown; editable: boolean }> = {
    project_creation_restriction: { value: "everyone", editable: true },
    self_registration: { value: true, editable: true },
    robot_name_prefix: { value: "robot$", editable: true },
  };
  readonly projects: Item[] = [{ id: 1, project_id: 1, name: "library", metadata: { public: "true" } }];
  readonly quotas: Item[] = [];
  readonly retentions: Item[] = [];
  readonly immutable: Item[] = [];
  readonly robots: Item[] = [];
  readonly registries: Item[] = [];
  readonly policies: Item[] = [];
  readonly executions: Item[] = [];
  readonly artifacts = new Map<
    string,
    { readonly digest: string; readonly tags: readonly { readonly name: string }[] | null }[]
  >();
  /** Operations that changed something, in their order. */
  readonly changes: string[] = [];
  /** Requests that its description does not know. */
  readonly unknown: string[] = [];
  now = new Date("2026-06-01T00:00:00Z");
  /** As Harbor does with a registry that it can't log in to. */
  refusesDestinations = false;
  readonly admin = "Admin-of-the-test-1";
  #server: Server | undefined;
  #ids = 100;

  async start(): Promise<string> {
    const api = new OpenAPIBackend({
      definition: description,
      apiRoot: "/api/v2.0",
      quick: true,
      ajvOpts: { strict: false },
      handlers: {
        ...this.#handlers(),
        validationFail: this.#refused,
        notFound: this.#notKnown,
        methodNotAllowed: this.#notKnown,
      },
    });
    await api.init();
    this.#server = createServer((request, response) => {
      void this.#answer(api, request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? "" : JSON.stringify(body));
      });
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #id(): number {
    return this.#ids++;
  }

  async #answer(api: OpenAPIBackend, request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const { pathname, search } = new URL(request.url ?? "/", "http://harbor");
    const [account = "", password = ""] = Buffer.from(request.headers.authorization?.split(" ")[1] ?? "", "base64")
      .toString()
      .split(/:(.*)/s);
    const isAdmin = account === "admin" && password === this.admin;
    if (pathname === "/v2/") return { status: isAdmin || this.#isRobot(account, password) ? 200 : 401 };
    // Who asks for its health need not log in.
    if (!isAdmin && pathname !== "/api/v2.0/health") return refusal(401, "UNAUTHORIZED", "unauthorized");
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    return (await api.handleRequest({
      ...{ method: request.method ?? "GET", path: pathname, query: search.slice(1), headers },
      ...(body !== "" && { body: JSON.parse(body) as object }),
    })) as Answer;
  }

  #isRobot(account: string, password: string): boolean {
    const robot = this.robots.find(({ name }) => name === account);
    const expires = Number(robot?.["expires_at"]);
    const hasEnded = expires !== -1 && expires * 1000 < this.now.getTime();
    return robot !== undefined && robot["secret"] === password && robot["disable"] !== true && !hasEnded;
  }

  readonly #refused = ({ validation, operation }: Context): Answer => {
    const errors = JSON.stringify(validation.errors);
    this.unknown.push(`${operation.operationId}: ${errors}`);
    return refusal(400, "BAD_REQUEST", errors);
  };

  readonly #notKnown = ({ request }: Context): Answer => {
    this.unknown.push(`${request.method} ${request.path}`);
    return refusal(404, "NOT_FOUND", request.path);
  };

  #handlers(): Record<string, (context: Context) => Answer> {
    const page =
      (items: readonly unknown[]) =>
      ({ request }: Context): Answer => {
        const { page: number = "1", page_size: size = "10" } = request.query as Record<string, string>;
        return { status: 200, body: items.slice((Number(number) - 1) * Number(size), Number(number) * Number(size)) };
      };
    const written =
      (status: number, act: (body: Item, context: Context) => unknown) =>
      (context: Context): Answer => {
        if (this.refusesDestinations && context.operation.operationId?.endsWith("Registry"))
          return refusal(400, "BAD_REQUEST", "the registry is unhealthy");
        this.changes.push(context.operation.operationId ?? "");
        const body = act(context.request.requestBody as Item, context);
        return { status, body };
      };
    const add = (items: Item[], also: (body: Item) => object = () => ({})) =>
      written(201, (body) => void items.push({ ...body, id: this.#id(), ...also(body) }));
    const update = (items: Item[], also: (body: Item, item: Item) => object = () => ({})) =>
      written(200, (body, { request }) => {
        const id = Number(Object.values(request.params)[0]);
        const item = items.find((each) => each.id === id);
        if (item) Object.assign(item, body, also(body, item), { id });
      });
    return {
      getHealth: () => ({ status: 200, body: { status: "healthy", components: [{ name: "core", status: "healthy" }] } }),
      getConfigurations: () => ({ status: 200, body: this.configuration }),
      updateConfigurations: written(200, (body) => {
        for (const [name, value] of Object.entries(body)) this.configuration[name] = { value, editable: true };
      }),
      listProjects: (context) => page(this.projects)(context),
      createProject: written(201, (body) => {
        const id = this.#id();
        this.projects.push({ id, project_id: id, name: body["project_name"], metadata: { ...(body["metadata"] as object) } });
        const storage = body["storage_limit"] ?? -1;
        this.quotas.push({ id: this.#id(), ref: { id, name: body["project_name"] }, hard: { storage }, used: { storage: 0 } });
      }),
      updateProject: update(this.projects, (body, item) => ({
        metadata: { ...(item["metadata"] as object), ...(body["metadata"] as object) },
      })),
      listQuotas: (context) => page(this.quotas)(context),
      updateQuota: update(this.quotas),
      getRetention: ({ request }) => ({
        status: 200,
        body: this.retentions.find(({ id }) => id === Number(request.params["id"])),
      }),
      createRetention: written(201, (body) => {
        const id = this.#id();
        this.retentions.push({ ...body, id });
        const project = this.projects.find((each) => each.id === (body["scope"] as { ref: number }).ref);
        if (project) project["metadata"] = { ...(project["metadata"] as object), retention_id: String(id) };
      }),
      updateRetention: update(this.retentions),
      ListImmuRules: ({ request, ...context }) =>
        page(
          this.immutable
            .filter(({ project }) => String(project) === request.params["project_name_or_id"])
            .map(({ project: _, ...rule }) => ({ ...rule, priority: 0 })),
        )({ request, ...context } as Context),
      CreateImmuRule: written(
        201,
        (body, { request }) =>
          void this.immutable.push({ ...body, id: this.#id(), project: request.params["project_name_or_id"] }),
      ),
      DeleteImmuRule: written(200, (_, { request }) => {
        const at = this.immutable.findIndex(({ id }) => id === Number(request.params["immutable_rule_id"]));
        this.immutable.splice(at, 1);
      }),
      ListRobot: (context) => page(this.robots.map(({ secret: _, ...robot }) => robot))(context),
      CreateRobot: written(201, (body) => {
        const id = this.#id();
        this.robots.push({
          ...body,
          ...this.#term(body, this.now),
          id,
          name: `robot$${body["name"]}`,
          secret: "Made-up-by-Harbor-1",
        });
        return { id, name: body["name"], secret: "Made-up-by-Harbor-1" };
      }),
      UpdateRobot: update(this.robots, (body, item) => this.#term(body, new Date(String(item["creation_time"])))),
      RefreshSec: written(200, (body, { request }) => {
        const robot = this.robots.find(({ id }) => id === Number(request.params["robot_id"]));
        if (robot) robot["secret"] = body["secret"];
        return {};
      }),
      listRegistries: (context) => page(this.registries)(context),
      createRegistry: add(this.registries, () => ({ status: "healthy" })),
      updateRegistry: update(this.registries, (body) => ({ status: "healthy", credential: { access_key: body["access_key"] } })),
      listReplicationPolicies: (context) => page(this.policies)(context),
      createReplicationPolicy: add(this.policies, (body) => ({ speed: Math.max(0, Number(body["speed"] ?? 0)) })),
      updateReplicationPolicy: update(this.policies),
      listReplicationExecutions: ({ request, ...context }) =>
        page(this.executions.filter(({ policy_id }) => String(policy_id) === request.query["policy_id"]))({
          request,
          ...context,
        } as Context),
      listRepositories: ({ request, ...context }) =>
        page(
          [...this.artifacts.keys()]
            .filter((name) => name.startsWith(`${request.params["project_name"]}/`))
            .map((name) => ({ id: 1, name })),
        )({ request, ...context } as Context),
      listArtifacts: ({ request, ...context }) => {
        const repository = decodeURIComponent(decodeURIComponent(String(request.params["repository_name"])));
        return page(this.artifacts.get(`${request.params["project_name"]}/${repository}`) ?? [])({
          request,
          ...context,
        } as Context);
      },
    };
  }

  /** An account's end is counted from its beginning. */
  #term({ duration }: Item, from: Date): object {
    const expires_at = duration === -1 ? -1 : Math.floor((from.getTime() + Number(duration) * dayMs) / 1000);
    return { creation_time: from.toISOString(), expires_at };
  }
}

const refusal = (status: number, code: string, message: string): Answer => ({ status, body: { errors: [{ code, message }] } });
