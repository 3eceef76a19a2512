import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { declaredHarbor, harborUrl } from "../../../environments/model/harbor.ts";
import { pemCertificates } from "../../../environments/model/pem.ts";
import { harborPassword, registryAccounts, registryPassword } from "../../../environments/model/registry.ts";
import type { Site, Topology } from "../../../environments/model/topology.ts";
import type { Credentials } from "../../trust/credentials.ts";

export interface HarborPoliciesArgs {
  readonly topology: Topology;
  readonly site: Site;
  readonly credentials: Credentials;
}

/**
 * Projects, accounts, rules and replication of a site's Harbor, by its API at the site's VIP. What is declared shows in previews; passwords do not. What a person
 * changes there is told by `npm run registry -- status`, and made as declared by `npm run registry -- apply`.
 */
export class HarborPolicies extends pulumi.ComponentResource {
  constructor(name: string, args: HarborPoliciesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:HarborPolicies", name, {}, options);
    const { topology, site, credentials } = args;
    const accounts = registryAccounts(topology).map(({ name: account }) => account);
    const secrets = pulumi
      .all([
        credentials.password(harborPassword("administrator")),
        credentials.authorities("platform"),
        pulumi.all(accounts.map((account) => credentials.password(registryPassword(account)))),
      ])
      .apply(([password, authorities, passwords]) =>
        JSON.stringify({
          login: { url: harborUrl(site), account: "admin", password },
          authorities: pemCertificates(authorities),
          passwords: Object.fromEntries(accounts.map((account, index) => [account, passwords[index]])),
        }),
      );
    const run = "node scripts/registry/harbor/apply.ts";
    new command.local.Command(
      name,
      {
        ...{ create: run, update: run },
        environment: { TANDEM_HARBOR: JSON.stringify(declaredHarbor(topology, site)) },
        stdin: pulumi.secret(secrets),
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
