import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderAccounts, subjectOf } from "../../../components/database/accounts.render.ts";
import { renderAgent } from "../../../components/database/agent.render.ts";
import { renderBackup } from "../../../components/database/backup.render.ts";
import { databasePaths } from "../../../components/database/cluster.render.ts";
import { renderHealth } from "../../../components/database/health.render.ts";
import { renderMyCnf } from "../../../components/database/my-cnf.render.ts";
import { renderRestore } from "../../../components/database/restore.render.ts";
import { renderStart } from "../../../components/database/start.render.ts";
import { serviceAccount } from "../../../environments/model/service-account.ts";
import type { Host } from "../../../environments/model/topology.ts";
import { testAuthority } from "../../support/certificates.ts";
import type { Nodes } from "./nodes.ts";

/** Of a client that logs in over the network. */
export const datastorePem = `${databasePaths.configuration}/datastore.pem`;

/** What the component writes to each host, and the certificates that the platform's authority would have made. */
export function writeConfiguration({ cluster, directory }: Nodes): void {
  const certificates = join(directory, "certificates");
  mkdirSync(certificates, { recursive: true });
  const signed = testAuthority(certificates);
  signed("health", subjectOf(cluster, "health-check"), "extendedKeyUsage=clientAuth");
  signed("backup", subjectOf(cluster, "backup"), "extendedKeyUsage=clientAuth");
  signed("datastore", subjectOf(cluster, "datastore"), "extendedKeyUsage=clientAuth");
  for (const member of cluster.members) {
    const alternatives = `subjectAltName=DNS:localhost,IP:127.0.0.1,IP:${member.addresses.storage}`;
    signed(member.name, `/CN=${member.name}`, `${alternatives}\nextendedKeyUsage=serverAuth,clientAuth`);
    const texts = {
      [databasePaths.serverConfiguration]: renderMyCnf(cluster, member),
      [databasePaths.start]: renderStart(cluster, member),
      [databasePaths.health]: renderHealth(cluster),
      [databasePaths.agent]: renderAgent(cluster, member),
      [databasePaths.accounts]: renderAccounts(cluster),
      [databasePaths.backup]: renderBackup(cluster, member),
      [databasePaths.restore]: renderRestore(cluster),
    };
    const files = {
      [databasePaths.authorities]: ["ca.crt"],
      [databasePaths.serverPem]: [`${member.name}.crt`, `${member.name}.key`],
      [databasePaths.agentPem]: ["health.crt", "health.key"],
      [databasePaths.backupPem]: ["backup.crt", "backup.key"],
      [datastorePem]: ["datastore.crt", "datastore.key"],
    };
    const at = (path: string): string => join(directory, member.name, path.slice(databasePaths.configuration.length));
    mkdirSync(at(databasePaths.configuration), { recursive: true });
    for (const [path, content] of Object.entries(texts)) writeFileSync(at(path), content);
    for (const [path, sources] of Object.entries(files)) {
      writeFileSync(at(path), sources.map((source) => readFileSync(join(certificates, source), "utf8")).join(""), {
        mode: 0o400,
      });
      chownSync(at(path), serviceAccount.id, serviceAccount.id);
    }
  }
}

/** Says on a host from which position the cluster begins there. */
export const writeBeginning = ({ directory }: Nodes, host: Host, position: string): void =>
  writeFileSync(join(directory, host.name, "beginning"), `${position}\n`);
