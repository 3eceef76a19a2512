import { managed } from "../managed.render.ts";
import { imageSourcesDirectory } from "../registry/image-sources.render.ts";
import { workerPaths as paths, pluginsDirectory, type Worker } from "./worker.render.ts";

/** A string of TOML 1.0: those of JSON are. */
const quoted = (text: string): string => JSON.stringify(text);

/** containerd 1.6's own format, which 1.7 reads too: https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
export const renderContainerd = ({ machines, pauseImage }: Worker): string =>
  [
    `# ${managed}`,
    "version = 2",
    "",
    "[grpc]",
    `  address = ${quoted(paths.socket)}`,
    "",
    '[plugins."io.containerd.grpc.v1.cri"]',
    `  sandbox_image = ${quoted(pauseImage)}`,
    // In the lab the machine itself has no right to lower anybody's score.
    `  restrict_oom_score_adj = ${machines === "lab"}`,
    "",
    '[plugins."io.containerd.grpc.v1.cri".registry]',
    `  config_path = ${quoted(imageSourcesDirectory)}`,
    "",
    '[plugins."io.containerd.grpc.v1.cri".cni]',
    `  bin_dir = ${quoted(pluginsDirectory)}`,
    '  conf_dir = "/etc/cni/net.d"',
    "",
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]',
    '  runtime_type = "io.containerd.runc.v2"',
    "",
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]',
    `  SystemdCgroup = ${machines === "ssh"}`,
    "",
  ].join("\n");
