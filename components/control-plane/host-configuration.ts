import * as pulumi from "@pulumi/pulumi";
import { frontProxyAuthority, kubernetesAuthority } from "../../environments/model/certificates.ts";
import type { Host } from "../host/host.ts";
import { checks, forServices, HostFile } from "../host/host-file.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { renderAdmission, renderAuthentication, renderEncryption } from "./api-configuration.render.ts";
import { renderAuditPolicy } from "./audit-policy.render.ts";
import {
  type ControlPlaneCluster,
  type ControlPlaneService,
  controlPlaneServices,
  controlPlanePaths as paths,
  serverUrl,
} from "./cluster.render.ts";
import { renderKubeconfig } from "./kubeconfig.render.ts";

export interface HostConfigurationArgs {
  readonly cluster: ControlPlaneCluster;
  readonly host: Host;
  readonly credentials: Credentials;
  /** What must be there before anything is written. */
  readonly after: pulumi.Input<pulumi.Input<pulumi.Resource>[]>;
}

interface File {
  readonly path: string;
  readonly content: pulumi.Input<string>;
  readonly readers: readonly ControlPlaneService[];
  readonly check?: string;
}

const ofKubernetes: readonly ControlPlaneService[] = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "metrics-server",
];

/** All files that a host's part of the control plane reads. Each secret is a file of its own, without anything that a reviewer should read. */
export class HostConfiguration extends pulumi.ComponentResource {
  /** By service, of all files that it reads: it reads them at its start. */
  readonly digests: Readonly<Record<ControlPlaneService, pulumi.Output<string>>>;

  constructor(name: string, args: HostConfigurationArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:control-plane:HostConfiguration", name, {}, options);
    const { host } = args;
    const directory = new ServiceDirectory(`control-plane-${host.place.name}`, { host, service: "control-plane" });
    const dependsOn = pulumi.output(args.after).apply((others) => [...others, directory] as pulumi.Resource[]);
    const written = filesOf(args).map(({ path, content, readers, check }) => {
      const what = path.slice(paths.directory.length + 1).replaceAll(".", "-");
      const file = new HostFile(
        `${what}-${host.place.name}`,
        { host, path, content, ...forServices, ...(check !== undefined && { check }) },
        { parent: this, dependsOn },
      );
      return { file, readers };
    });
    const digestFor = (service: ControlPlaneService): pulumi.Output<string> =>
      // Of keys that nobody can guess: the digest may be seen, and a container's labels with it.
      pulumi.unsecret(
        pulumi
          .all(written.filter(({ readers }) => readers.includes(service)).map(({ file }) => file.digest))
          .apply((digests) => digests.map((digest) => digest.slice(0, 12)).join(".")),
      );
    this.digests = {
      kine: digestFor("kine"),
      "kube-apiserver": digestFor("kube-apiserver"),
      "kube-controller-manager": digestFor("kube-controller-manager"),
      "kube-scheduler": digestFor("kube-scheduler"),
      "metrics-server": digestFor("metrics-server"),
    };
    this.registerOutputs({ host: host.place.name, probes: written.map(({ file }) => file.probe) });
  }
}

function filesOf(args: HostConfigurationArgs): File[] {
  return [...believed(args), ...shown(args), ...signing(args), ...configuration(args)];
}

function believed({ cluster: { site }, credentials }: HostConfigurationArgs): File[] {
  const check = checks.certificate;
  return [
    { path: paths.authorities, content: credentials.authorities("platform"), readers: controlPlaneServices, check },
    {
      path: paths.kubernetesAuthorities,
      content: credentials.authorities(kubernetesAuthority(site)),
      readers: ofKubernetes,
      check,
    },
    {
      path: paths.frontProxyAuthorities,
      content: credentials.authorities(frontProxyAuthority(site)),
      readers: ofKubernetes,
      check,
    },
    {
      path: paths.serviceAccountKeys,
      content: credentials.serviceAccountPublicKeys(site),
      readers: ["kube-apiserver"],
      check: 'openssl pkey -pubin -noout -in "$candidate"',
    },
  ];
}

function shown({ host, credentials }: HostConfigurationArgs): File[] {
  const file = (path: string, certificate: string, reader: ControlPlaneService): File => ({
    path,
    content: pemOf(credentials.issued(`${certificate}-${host.place.name}`)),
    readers: [reader],
    check: checks.certificateAndKey,
  });
  return [
    file(paths.datastore, "database-datastore", "kine"),
    file(paths.kine, "kine", "kine"),
    file(paths.kineClient, "kine-client", "kube-apiserver"),
    file(paths.apiServer, "kube-apiserver", "kube-apiserver"),
    file(paths.kubeletClient, "kube-apiserver-kubelet-client", "kube-apiserver"),
    file(paths.frontProxyClient, "front-proxy-client", "kube-apiserver"),
    file(paths.controllerManager, "kube-controller-manager", "kube-controller-manager"),
    file(paths.scheduler, "kube-scheduler", "kube-scheduler"),
    file(paths.metricsServer, "metrics-server", "metrics-server"),
    file(paths.metricsServerClient, "metrics-server-client", "metrics-server"),
  ];
}

function signing({ cluster: { site }, credentials }: HostConfigurationArgs): File[] {
  const role = kubernetesAuthority(site);
  // The one that issues is the first; the signer takes no second certificate.
  const certificate = credentials.authorities(role).apply((all) => `${all.split(endOfCertificate)[0]}${endOfCertificate}\n`);
  return [
    {
      path: paths.nodeSigner,
      content: pemOf({ certificate, privateKey: credentials.privateKey(role) }),
      readers: ["kube-controller-manager"],
      check: checks.certificateAndKey,
    },
    {
      path: paths.serviceAccountKey,
      content: credentials.privateKey(`service-account-${site}`),
      readers: ["kube-apiserver", "kube-controller-manager"],
      check: 'openssl pkey -noout -in "$candidate"',
    },
  ];
}

const endOfCertificate = "-----END CERTIFICATE-----";

function configuration({ cluster, host, credentials }: HostConfigurationArgs): File[] {
  const kubeconfig = (service: ControlPlaneService, path: string, credential: string): File => ({
    path,
    // Its own host's server: an upgraded controller never speaks to an older one, and needs no balancer to hold its lease.
    content: renderKubeconfig({
      cluster: cluster.name,
      server: serverUrl(host.place.addresses.management),
      user: service,
      authorities: { file: paths.authorities },
      credential: { file: credential },
    }),
    readers: [service],
  });
  const password = credentials.password(`kubernetes-encryption-${cluster.site}`);
  const ofServer = (path: string, content: pulumi.Input<string>): File => ({ path, content, readers: ["kube-apiserver"] });
  return [
    ofServer(paths.admission, renderAdmission()),
    ofServer(paths.auditPolicy, renderAuditPolicy()),
    ofServer(paths.authentication, renderAuthentication()),
    ofServer(paths.encryption, password.apply(renderEncryption)),
    kubeconfig("kube-controller-manager", paths.controllerManagerKubeconfig, paths.controllerManager),
    kubeconfig("kube-scheduler", paths.schedulerKubeconfig, paths.scheduler),
    kubeconfig("metrics-server", paths.metricsServerKubeconfig, paths.metricsServerClient),
  ];
}
