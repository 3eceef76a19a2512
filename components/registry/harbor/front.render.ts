import { harborPorts, openHarborPorts, platformPorts } from "../../../environments/model/ports.ts";
import { managed } from "../../managed.render.ts";
import { corePing } from "./core.render.ts";
import { accounts, answers, type HarborPart, harborFile, type SiteHarbor } from "./harbor.render.ts";

// Both are nginx: https://nginx.org/en/docs/

/** What its image's account may write to. */
const scratch = `  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;`;

const head = `# ${managed}
daemon off;
worker_processes auto;
error_log stderr;
pid /tmp/nginx.pid;`;

/** What Harbor's own front passes on, and nothing else: https://github.com/goharbor/harbor/blob/v2.13.2/make/photon/prepare/templates/nginx/nginx.https.conf.jinja */
const passedOn = { "/api/": "core", "/c/": "core", "/service/": "core", "/v2/": "core", "/": "portal" } as const;

/** Metrics for who logs in as `monitoring`. */
const metrics = { "/metrics": openHarborPorts.exporter, "/metrics/registry": harborPorts.registryMetrics } as const;

export const renderHarborFront = ({ host }: Pick<SiteHarbor, "host">): string => `${head}

events {
  worker_connections 4096;
}

http {
${scratch}
  server_tokens off;
  log_format harbor '$remote_addr "$request" $status $body_bytes_sent "$http_user_agent" $request_time $upstream_response_time';
  access_log /dev/stdout harbor;
  upstream core { server 127.0.0.1:${harborPorts.core}; }
  upstream portal { server 127.0.0.1:${harborPorts.portal}; }

  server {
    listen ${host.addresses.management}:${platformPorts.registry} ssl;
    ssl_certificate ${harborFile("front.pem")};
    ssl_certificate_key ${harborFile("front.pem")};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:harbor:10m;
    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header X-Frame-Options DENY always;
    add_header Content-Security-Policy "frame-ancestors 'none'" always;

    # Layers have no size that would be too large, and pass through as they come.
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_connect_timeout 2s;
    # A client that uploads a large layer waits until its digest is checked.
    proxy_read_timeout 10m;
    proxy_send_timeout 10m;
    proxy_set_header Host $http_host;
    proxy_set_header X-Real-IP $remote_addr;
    # No client says who it is on behalf of.
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_cookie_path / "/; Secure";

${Object.entries(passedOn)
  .map(([path, part]) => `    location ${path} { proxy_pass http://${part}; }`)
  .join("\n")}
    location /service/notifications { return 404; }
    location /v1/ { return 404; }
${Object.entries(metrics)
  .map(
    ([path, port]) => `    location = ${path} {
      auth_basic metrics;
      auth_basic_user_file ${harborFile("front.accounts")};
      proxy_set_header Authorization "";
      proxy_pass http://127.0.0.1:${port}/metrics;
    }`,
  )
  .join("\n")}
  }
}
`;

/** The pages that people see. https://github.com/goharbor/harbor/blob/v2.13.2/make/photon/prepare/templates/portal/nginx.conf.jinja */
export const renderPortal = (): string => `${head}

events {
  worker_connections 1024;
}

http {
${scratch}
  server_tokens off;
  access_log off;
  include /etc/nginx/mime.types;

  server {
    listen 127.0.0.1:${harborPorts.portal};
    root /usr/share/nginx/html;
    index index.html;
    gzip on;
    gzip_min_length 1000;
    gzip_proxied expired no-cache no-store private auth;
    gzip_types application/javascript application/json text/css text/javascript text/plain text/xml;
    location /devcenter-api-2.0 { try_files $uri $uri/ /swagger-ui-index.html; }
    location / { try_files $uri $uri/ /index.html; }
    location = /index.html { add_header Cache-Control "no-store, no-cache, must-revalidate"; }
  }
}
`;

/** Before it has read where to, nginx writes what is wrong to a file that it may not have. */
const nginx = (file: string): Pick<HarborPart, "entrypoint" | "command"> => ({
  entrypoint: "nginx",
  command: ["-e", "stderr", "-c", harborFile(file)],
});

export const portalPart = (): HarborPart => ({
  name: "portal",
  user: accounts.harbor,
  memoryShare: 0.02,
  graceSeconds: 5,
  ...nginx("portal.conf"),
  health: { command: answers(`http://127.0.0.1:${harborPorts.portal}/`), startSeconds: 15 },
  memory: [],
  files: [{ name: "portal.conf", content: renderPortal() }],
  reads: [],
  after: [],
});

export const frontPart = (site: SiteHarbor): HarborPart => ({
  name: "front",
  user: accounts.harbor,
  memoryShare: 0.05,
  // Its image's signal lets requests end that are under way.
  graceSeconds: 35,
  ...nginx("front.conf"),
  health: {
    command: answers(`https://${site.host.addresses.management}:${platformPorts.registry}${corePing}`, "--insecure"),
    startSeconds: 15,
  },
  memory: [],
  files: [
    { name: "front.conf", content: renderHarborFront(site) },
    // https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html#auth_basic_user_file
    { name: "front.accounts", secret: ({ monitoring }) => `monitoring:{PLAIN}${monitoring}\n` },
    {
      name: "front.pem",
      secret: ({ certificate }) => certificate,
      check: 'openssl x509 -noout -in "$candidate" && openssl pkey -noout -in "$candidate"',
    },
  ],
  reads: [],
  after: ["core"],
});
