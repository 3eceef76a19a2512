import * as pulumi from "@pulumi/pulumi";
import { kubernetesAuthority } from "../../environments/model/certificates.ts";
import { registryPassword } from "../../environments/model/registry.ts";
import { serverUrl } from "../control-plane/cluster.render.ts";
import { renderKubeconfig } from "../control-plane/kubeconfig.render.ts";
import type { Host } from "../host/host.ts";
import { checks, HostFile } from "../host/host-file.ts";
import { ServiceDirectory } from "../host/service-directory.ts";
import { type Credentials, pemOf } from "../trust/credentials.ts";
import { renderContainerd } from "./containerd.render.ts";
import { renderImageCredentialProgram, renderImageCredentialProvider, renderImageLogin } from "./image-credentials.render.ts";
import { renderKubeProxy } from "./kube-proxy.render.ts";
import { renderKubelet } from "./kubelet.render.ts";
import { renderNetwork } from "./network.render.ts";
import type { ProgramName } from "./programs.render.ts";
import { imageCredentials, workerPaths as paths, programsDirectory, type Worker } from "./worker.render.ts";

export interface NodeConfigurationArgs {
  readonly worker: Worker;
  readonly host: Host;
  readonly credentials: Credentials;
}

interface File {
  readonly path: string;
  readonly content: pulumi.Input<string>;
  /** Who reads it at its start. */
  readonly readers: readonly ProgramName[];
  readonly check?: string;
  /** Octal; default "0600". */
  readonly mode?: string;
}

/** All files that a node's programs read; each secret is a file of its own. */
export class NodeConfiguration extends pulumi.ComponentResource {
  /** By program, of all files that it reads. */
  readonly digests: Readonly<Record<ProgramName, readonly pulumi.Output<string>[]>>;

  constructor(name: string, args: NodeConfigurationArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:worker:NodeConfiguration", name, {}, options);
    const { host } = args;
    const directory = new ServiceDirectory(`worker-${host.place.name}`, { host, service: "worker" });
    const written = [...configuration(args), ...believed(args), ...shown(args), ...imageLogin(args)].map(
      ({ path, content, readers, check, mode = "0600" }) => {
        const what = path.slice(path.lastIndexOf("/") + 1).replaceAll(".", "-");
        const file = new HostFile(
          `worker-${what}-${host.place.name}`,
          {
            ...{ host, path, content, mode },
            ...(check !== undefined && { check }),
          },
          { parent: this, dependsOn: directory },
        );
        return { file, readers };
      },
    );
    const of = (program: ProgramName) =>
      written.filter(({ readers }) => readers.includes(program)).map(({ file }) => file.digest);
    this.digests = {
      containerd: of("containerd"),
      felix: of("felix"),
      "kube-proxy": of("kube-proxy"),
      kubelet: of("kubelet"),
    };
    this.registerOutputs({ host: host.place.name, probes: written.map(({ file }) => file.probe) });
  }
}

function configuration({ worker }: NodeConfigurationArgs): File[] {
  const kubeconfig = (user: string, path: string, credential: string, reader: ProgramName): File => ({
    path,
    content: renderKubeconfig({
      cluster: worker.cluster.name,
      server: serverUrl(worker.cluster.apiAddress),
      user,
      authorities: { file: paths.authorities },
      credential: { file: credential },
    }),
    readers: [reader],
  });
  const proxyCheck = `${programsDirectory}/kube-proxy --config="$candidate" --write-config-to=/dev/null`;
  return [
    {
      path: paths.containerd,
      content: renderContainerd(worker),
      readers: ["containerd"],
      check: 'containerd --config "$candidate" config dump > /dev/null',
    },
    // Read anew for each pod.
    { path: paths.network, content: renderNetwork(worker), readers: [] },
    { path: paths.kubeletConfiguration, content: renderKubelet(worker), readers: ["kubelet"] },
    { path: paths.proxyConfiguration, content: renderKubeProxy(worker), readers: ["kube-proxy"], check: proxyCheck },
    kubeconfig("kubelet", paths.kubeletKubeconfig, paths.kubelet, "kubelet"),
    kubeconfig("kube-proxy", paths.proxyKubeconfig, paths.proxy, "kube-proxy"),
    kubeconfig("calico", paths.calicoKubeconfig, paths.calico, "felix"),
  ];
}

/** What it logs in to the registry with: the program is asked at each pull, and only what names it is read at the start. */
function imageLogin({ worker: { registry }, credentials }: NodeConfigurationArgs): File[] {
  const { configuration, login, programs, program } = imageCredentials;
  const password = credentials.password(registryPassword(registry.account));
  return [
    { path: configuration, content: renderImageCredentialProvider(registry.name), readers: ["kubelet"] },
    { path: `${programs}/${program}`, content: renderImageCredentialProgram(), readers: [], mode: "0755" },
    { path: login, content: password.apply((text) => renderImageLogin(registry.name, registry.login, text)), readers: [] },
  ];
}

function believed({ worker, credentials }: NodeConfigurationArgs): File[] {
  const authorities = (path: string, content: pulumi.Output<string>, readers: readonly ProgramName[]): File => ({
    ...{ path, content, readers },
    check: checks.certificate,
  });
  return [
    authorities(paths.authorities, credentials.authorities("platform"), ["felix", "kube-proxy", "kubelet"]),
    authorities(paths.kubernetesAuthorities, credentials.authorities(kubernetesAuthority(worker.cluster.site)), ["kubelet"]),
  ];
}

function shown({ host, credentials }: NodeConfigurationArgs): File[] {
  const pem = (path: string, certificate: string, reader: ProgramName): File => ({
    path,
    content: pemOf(credentials.issued(`${certificate}-${host.place.name}`)),
    readers: [reader],
    check: checks.certificateAndKey,
  });
  return [
    pem(paths.kubelet, "kubelet", "kubelet"),
    pem(paths.proxy, "kube-proxy", "kube-proxy"),
    pem(paths.calico, "calico", "felix"),
  ];
}
