import { harborPorts } from "../../../environments/model/ports.ts";
import { managed } from "../../managed.render.ts";
import { accounts, type HarborPart, harborData, harborFile } from "./harbor.render.ts";

/** https://redis.io/docs/latest/operate/oss_and_stack/management/config/. It has sessions, and jobs that wait: nothing of it is dropped for want of memory. */
export const renderRedis = (): string => `# ${managed}
bind 127.0.0.1
port ${harborPorts.redis}
protected-mode yes
daemonize no
databases 16
dir ${harborData("redis")}
dbfilename dump.rdb
save 900 1
save 300 10
save 60 10000
maxmemory-policy noeviction
loglevel notice
include ${harborFile("redis.password.conf")}
`;

const ask = `REDISCLI_AUTH=$(cat ${harborFile("redis.password")}) redis-cli -h 127.0.0.1 -p ${harborPorts.redis} ping | grep -qx PONG`;

export const redisPart = (): HarborPart => ({
  name: "redis",
  user: accounts.data,
  memoryShare: 0.05,
  // Writes what it has.
  graceSeconds: 30,
  entrypoint: "redis-server",
  command: [harborFile("redis.conf")],
  health: { command: ["sh", "-c", ask], startSeconds: 30 },
  data: "redis",
  memory: [],
  files: [
    { name: "redis.conf", content: renderRedis() },
    { name: "redis.password", secret: ({ redis }) => `${redis}\n` },
    { name: "redis.password.conf", secret: ({ redis }) => `# ${managed}\nrequirepass ${redis}\n` },
  ],
  reads: [],
  after: [],
});
