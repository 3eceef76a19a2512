import { comparedVersions, versionOf } from "../../../environments/model/upgrades.ts";
import type { Finder, Finding, Weight } from "./finding.ts";

/** Images that change, and versions that go back or skip. */
export const versionFindings: Finder = (before, after) => [
  ...Object.entries(after.images).flatMap(([name, image]) => {
    const old = before.images[name];
    return old === undefined || old === image ? [] : [imageFinding(name, old, image)];
  }),
  ...kubernetesFindings(before.kubernetes.version, after.kubernetes.version),
];

function imageFinding(name: string, old: string, image: string): Finding {
  const [was, is] = [versionOf(old), versionOf(image)];
  const direction = comparedVersions(is.numbers, was.numbers);
  const subject = `image ${name}`;
  const restarts = "see the release notes; its containers start again, one host at a time";
  if (is.text === was.text)
    return {
      weight: "care",
      subject,
      what: `the same version ${is.text} with another content`,
      todo: `ask who built it anew, and why; ${restarts}`,
    };
  const weight: Weight = direction < 0 || is.numbers[0] !== was.numbers[0] ? "dangerous" : "care";
  const how = direction < 0 ? "goes back" : is.numbers[0] === was.numbers[0] ? "goes" : "goes over a major version";
  const back = "what the newer one has written, the older one may not read: restore a backup instead";
  return { weight, subject, what: `${how} from ${was.text} to ${is.text}`, todo: direction < 0 ? back : restarts };
}

function kubernetesFindings(old: string, current: string): Finding[] {
  if (old === current) return [];
  const [was, is] = [old, current].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const minors = (is[1] ?? 0) - (was[1] ?? 0);
  const isStep = is[0] === was[0] && minors >= 0 && minors <= 1 && comparedVersions(is, was) > 0;
  return [
    {
      weight: isStep ? "care" : "dangerous",
      subject: "Kubernetes",
      what: `${comparedVersions(is, was) < 0 ? "goes back" : "goes"} from ${old} to ${current}${minors > 1 ? `, over ${minors} minor versions at once` : ""}`,
      todo: isStep
        ? "see that nothing uses an API that this version takes away"
        : "go one minor version at a time, and never back",
    },
  ];
}
