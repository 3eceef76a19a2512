import { rule } from "../../policies/rules/ssh-must-pin-host-key.ts";
import { ruleTests, unknown } from "./judging.ts";
import { file } from "./shown.ts";

const provider = (inputs: object) => ({
  type: "pulumi:providers:docker",
  inputs: {
    host: "ssh://tandem@10.20.11.4:22",
    sshOpts: '["-o","UserKnownHostsFile=x","-o","StrictHostKeyChecking=yes"]',
    ...inputs,
  },
});

ruleTests(rule, {
  refuses: [
    [
      "a login to whoever answers",
      [file("", "x", { connection: { host: "10.20.11.4" } })],
      "connection.hostKey: any machine that answers would be logged in to; given none",
    ],
    [
      "an engine that is believed the first time",
      [provider({ sshOpts: '["-o","UserKnownHostsFile=x","-o","StrictHostKeyChecking=accept-new"]' })],
      "sshOpts: any machine that answers would be spoken to as this host's engine",
    ],
    [
      "one whose key is looked up in the user's own file",
      [provider({ sshOpts: '["-o","StrictHostKeyChecking=yes"]' })],
      "sshOpts: any machine that answers",
    ],
  ],
  permits: [
    ["pinned keys", [file("", "x"), provider({})]],
    ["the lab's engine, which is on this machine", [provider({ host: "unix:///run/docker.sock", sshOpts: undefined })]],
  ],
  waitsFor: [["a connection whose key is not there yet", [file("", "x", { connection: unknown })]]],
});
