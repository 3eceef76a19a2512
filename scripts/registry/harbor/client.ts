import { z } from "zod";
import { UserError } from "../../console/errors.ts";
import * as api from "./api.ts";

// The part of Harbor's API that Tandem uses, each operation once.

export interface HarborLogin {
  /** As in `https://registry.platform.dc1.reference.tandem.internal`. */
  readonly url: string;
  readonly account: string;
  readonly password: string;
}

/** Items a page: the most that Harbor gives. */
const pageSize = 100;
const timeoutMs = 30_000;

type Query = Readonly<Record<string, string | number | boolean>>;

export class HarborClient {
  readonly #login: HarborLogin;

  constructor(login: HarborLogin) {
    this.#login = login;
  }

  /** Whether all its parts are well, and which are not. */
  async health(): Promise<z.infer<typeof api.health>> {
    return api.health.parse(await this.#json("GET", "/health"));
  }

  async configuration(): Promise<z.infer<typeof api.configuration>> {
    return api.configuration.parse(await this.#json("GET", "/configurations"));
  }
  async configure(settings: Readonly<Record<string, string | boolean>>): Promise<void> {
    await this.#json("PUT", "/configurations", settings);
  }

  projects(): Promise<z.infer<typeof api.project>[]> {
    return this.#all("/projects", api.project);
  }
  async createProject(project: api.ProjectRequest): Promise<void> {
    await this.#json("POST", "/projects", project);
  }
  async updateProject(id: number, project: api.ProjectRequest): Promise<void> {
    await this.#json("PUT", `/projects/${id}`, project);
  }

  quotas(): Promise<z.infer<typeof api.quota>[]> {
    return this.#all("/quotas", api.quota, { reference: "project" });
  }
  async updateQuota(id: number, storage: number): Promise<void> {
    await this.#json("PUT", `/quotas/${id}`, { hard: { storage } });
  }

  async retention(id: number): Promise<z.infer<typeof api.retention>> {
    return api.retention.parse(await this.#json("GET", `/retentions/${id}`));
  }
  async createRetention(policy: api.Retention): Promise<void> {
    await this.#json("POST", "/retentions", policy);
  }
  async updateRetention(id: number, policy: api.Retention): Promise<void> {
    await this.#json("PUT", `/retentions/${id}`, { ...policy, id });
  }

  immutableRules(project: number): Promise<z.infer<typeof api.immutableRule>[]> {
    return this.#all(`/projects/${project}/immutabletagrules`, api.immutableRule);
  }
  async createImmutableRule(project: number, rule: api.ImmutableRule): Promise<void> {
    await this.#json("POST", `/projects/${project}/immutabletagrules`, rule);
  }
  async deleteImmutableRule(project: number, id: number): Promise<void> {
    await this.#json("DELETE", `/projects/${project}/immutabletagrules/${id}`);
  }

  /** Of the whole registry. */
  robots(): Promise<z.infer<typeof api.robot>[]> {
    return this.#all("/robots", api.robot);
  }
  async createRobot(robot: api.RobotRequest): Promise<number> {
    return api.created.parse(await this.#json("POST", "/robots", robot)).id;
  }
  async updateRobot(id: number, robot: api.RobotRequest): Promise<void> {
    await this.#json("PUT", `/robots/${id}`, robot);
  }
  async setRobotSecret(id: number, secret: string): Promise<void> {
    await this.#json("PATCH", `/robots/${id}`, { secret });
  }

  registries(): Promise<z.infer<typeof api.registry>[]> {
    return this.#all("/registries", api.registry);
  }
  async createRegistry(registry: api.RegistryRequest): Promise<void> {
    await this.#json("POST", "/registries", registry);
  }
  async updateRegistry(id: number, registry: api.RegistryUpdate): Promise<void> {
    await this.#json("PUT", `/registries/${id}`, registry);
  }

  replications(): Promise<z.infer<typeof api.replication>[]> {
    return this.#all("/replication/policies", api.replication);
  }
  async createReplication(policy: api.ReplicationRequest): Promise<void> {
    await this.#json("POST", "/replication/policies", policy);
  }
  async updateReplication(id: number, policy: api.ReplicationRequest | z.infer<typeof api.replication>): Promise<void> {
    await this.#json("PUT", `/replication/policies/${id}`, policy);
  }
  /** The newest first. */
  async executions(policy: number): Promise<z.infer<typeof api.execution>[]> {
    const query = { policy_id: policy, sort: "-start_time", page: 1, page_size: pageSize };
    return z.array(api.execution).parse(await this.#json("GET", "/replication/executions", undefined, query));
  }

  repositories(project: string): Promise<z.infer<typeof api.repository>[]> {
    return this.#all(`/projects/${encodeURIComponent(project)}/repositories`, api.repository);
  }
  /** Of a repository without its project. A slash in its name is escaped twice, as Harbor has it. */
  artifacts(project: string, repository: string): Promise<z.infer<typeof api.artifact>[]> {
    const name = encodeURIComponent(encodeURIComponent(repository));
    return this.#all(`/projects/${encodeURIComponent(project)}/repositories/${name}/artifacts`, api.artifact, { with_tag: true });
  }

  /** Whether an account can log in with a password, as any client of the registry does. */
  async canLogIn(account: string, password: string): Promise<boolean> {
    const response = await this.#ask("GET", `${this.#login.url}/v2/`, undefined, { account, password });
    await response.body?.cancel();
    if (response.status === 200 || response.status === 401) return response.status === 200;
    throw new UserError(`${this.#login.url}/v2/: HTTP status ${response.status} where 200 or 401 was expected`);
  }

  /** Every item of a list, page by page. */
  async #all<T>(path: string, item: z.ZodType<T>, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
      const found = z
        .array(item)
        .parse((await this.#json("GET", path, undefined, { ...query, page, page_size: pageSize })) ?? []);
      items.push(...found);
      if (found.length < pageSize) return items;
    }
  }

  async #json(method: string, path: string, body?: unknown, query: Query = {}): Promise<unknown> {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
    const url = `${this.#login.url}/api/v2.0${path}${parameters.size > 0 ? `?${parameters}` : ""}`;
    const response = await this.#ask(method, url, body, this.#login);
    const text = await response.text();
    if (!response.ok) throw new UserError(`${method} ${url}: HTTP status ${response.status}${api.messageOf(text)}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  #ask(method: string, url: string, body: unknown, login: Pick<HarborLogin, "account" | "password">): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${login.account}:${login.password}`).toString("base64")}`;
    return fetch(url, {
      method,
      headers: { authorization, accept: "application/json", ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      throw new UserError(`${url}: ${(error.cause as Error | undefined)?.message ?? error.message}`);
    });
  }
}
