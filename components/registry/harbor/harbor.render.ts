import { harborUrl } from "../../../environments/model/harbor.ts";
import { harborPorts } from "../../../environments/model/ports.ts";
import type { HarborPassword } from "../../../environments/model/registry.ts";
import type { Host, Site } from "../../../environments/model/topology.ts";
import { shellQuote } from "../../host/shell.ts";
import { managed } from "../../managed.render.ts";

// What the renderers of Harbor's parts have in common. All is said of version 2.13, as its own installer makes it:
// https://github.com/goharbor/harbor/tree/v2.13.2/make/photon

/** In the order in which they start. */
export const harborPartNames = [
  "database",
  "redis",
  "portal",
  "registry",
  "registryctl",
  "trivy",
  "core",
  "jobservice",
  "exporter",
  "front",
] as const;
export type HarborPartName = (typeof harborPartNames)[number];

/** A site's Harbor as its host sees it. */
export interface SiteHarbor {
  readonly host: Host;
  /**
   * Where clients get the tokens that it asks for: at the site's own name, because whoever comes from the other site does so while that one's Harbor is away.
   * https://github.com/goharbor/harbor/blob/v2.13.2/src/server/middleware/v2auth/auth.go
   */
  readonly url: string;
}

export const siteHarbor = (site: Site, host: Host): SiteHarbor => ({ host, url: harborUrl(site) });

/** All that opens something. */
export interface HarborSecrets extends Readonly<Record<HarborPassword, string>> {
  /** bcrypt, of the password `storage`. */
  readonly storageHash: string;
  /** Of the account `monitoring`. */
  readonly monitoring: string;
  /** PEM, PKCS #1: its reader knows no other form. */
  readonly tokenKey: string;
  /** PEM: certificate and key. */
  readonly certificate: string;
}

/** A file of a part in Harbor's directory of its host. */
export type HarborFile = {
  readonly name: string;
  /** A shell command as in `HostFileArgs`. */
  readonly check?: string;
} & ({ readonly content: string } | { readonly secret: (secrets: HarborSecrets) => string });

/** One container. */
export interface HarborPart {
  readonly name: HarborPartName;
  /** Number of the account that its image's programs belong to. Its group is the service account's, which may read the configuration. */
  readonly user: number;
  /** Of its host's memory. */
  readonly memoryShare: number;
  readonly graceSeconds: number;
  /** Default: TERM. */
  readonly stopSignal?: "SIGINT";
  /** Default: the image's own. */
  readonly entrypoint?: string;
  readonly command?: readonly string[];
  /** Never a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly health: {
    readonly command: readonly string[];
    /** In which a failure does not count. */
    readonly startSeconds: number;
  };
  /** Whose data it has. */
  readonly data?: HarborPartName;
  /** Directories in memory: its image reads some files at fixed paths, which `start` puts there. */
  readonly memory: readonly string[];
  readonly files: readonly HarborFile[];
  /** Files besides its own that it reads at its start: another part's, or the authorities that it trusts where it speaks to the other site. */
  readonly reads: readonly string[];
  /** Parts without which it does not start. */
  readonly after: readonly HarborPartName[];
}

export const harborFile = (name: string): string => `/etc/tandem/harbor/${name}`;

/** No image has this path, so that nothing of an image gets into a new volume. */
export const harborData = (part: HarborPartName): string => `/var/lib/harbor/${part}`;

export const authoritiesFile = "authorities.crt";

/** Of the accounts in the images: Harbor's own and nginx; PostgreSQL and Redis. */
export const accounts = { harbor: 10000, data: 999 } as const;

/** As whom core and jobservice come to the registry. */
export const storageUser = "harbor_registry_user";

export const loopback = (port: number): string => `http://127.0.0.1:${port}`;

/** Which of Redis's databases is whose. */
const redisDatabases = { core: 0, registry: 1, jobservice: 2, trivy: 5 } as const;
export const redisDatabase = (of: keyof typeof redisDatabases): number => redisDatabases[of];

/** Secret. */
export const redisUrl = (of: keyof typeof redisDatabases, { redis }: Pick<HarborSecrets, "redis">): string =>
  `redis://:${encodeURIComponent(redis)}@127.0.0.1:${harborPorts.redis}/${redisDatabases[of]}?idle_timeout_seconds=30`;

/** For a shell: what a part takes by its environment alone. */
export const renderEnvironment = (values: Readonly<Record<string, string | number>>): string =>
  [
    `# ${managed}`,
    ...Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${shellQuote(String(value))}`),
    "",
  ].join("\n");

interface Start {
  /** Where its image reads a file, by the file's name. */
  readonly placed: Readonly<Record<string, string>>;
  /** Of its environment, of which `docker inspect` shows nothing. */
  readonly sourced: readonly string[];
  /** The image's own start. */
  readonly run: string;
}

/** The command of a part's container. */
const renderStart = ({ placed, sourced, run }: Start): string =>
  [
    `# ${managed}`,
    "set -eu",
    ...Object.entries(placed).map(([name, path]) => `cp ${harborFile(name)} ${path}`),
    "set -a",
    ...sourced.map((name) => `. ${harborFile(name)}`),
    "set +a",
    `exec ${run}`,
    "",
  ].join("\n");

/** A part whose image takes settings by its environment: a shell reads them from files, and becomes the image's own start. */
export function startedByShell(
  part: HarborPartName,
  of: {
    readonly placed?: Start["placed"];
    readonly environment?: string;
    readonly secrets: (secrets: HarborSecrets) => string;
    readonly run: string;
  },
): Pick<HarborPart, "entrypoint" | "command" | "files"> {
  const check = 'sh -n "$candidate"';
  const { placed = {}, environment, secrets, run } = of;
  const settings: HarborFile[] = environment === undefined ? [] : [{ name: `${part}.env`, content: environment, check }];
  const secret: HarborFile = { name: `${part}.secrets`, secret: secrets };
  const start = renderStart({ placed, sourced: [...settings, secret].map(({ name }) => name), run });
  return {
    entrypoint: "sh",
    command: [harborFile(`${part}.start`)],
    files: [...settings, secret, { name: `${part}.start`, content: start, check }],
  };
}

/** Succeeds when a page answers with a status below 400. */
export const answers = (url: string, ...more: readonly string[]): readonly string[] => [
  ...["curl", "--silent", "--fail", "--max-time", "4", "--output", "/dev/null", ...more],
  url,
];

export const memoryMibOfPart = ({ host }: SiteHarbor, { memoryShare }: Pick<HarborPart, "memoryShare">): number =>
  Math.floor(host.size.memoryGib * 1024 * memoryShare);
