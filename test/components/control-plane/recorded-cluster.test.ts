import assert from "node:assert/strict";
import { test } from "node:test";
import { uidProblem, versionProblem } from "../../../components/control-plane/recorded-cluster.ts";

test("a control plane goes to the next minor version or stays at its own", () => {
  for (const to of ["1.36.3", "1.36.0", "1.36.9", "1.37.0"]) assert.equal(versionProblem("1.36.3", to), undefined, to);
});

test("a control plane that skips a minor version, goes back, or becomes another is refused with what is allowed", () => {
  assert.equal(
    versionProblem("1.36.3", "1.38.0"),
    "kubernetes.version: a control plane skips no minor version; given 1.38.0, the control plane runs 1.36.3; allowed 1.37 next, then one after the other",
  );
  assert.equal(
    versionProblem("1.36.3", "1.35.9"),
    "kubernetes.version: a control plane does not go back: its database has newer objects; given 1.35.9, the control plane runs 1.36.3; allowed 1.36 or newer",
  );
  assert.match(versionProblem("1.36.3", "2.0.0") ?? "", /another major version .* allowed 1\.36 or 1\.37$/);
});

test("another cluster than the recorded one is refused; before the first up there is none", () => {
  const recorded = { uid: "one", version: "1.36.3" };
  assert.equal(uidProblem(undefined, "two"), undefined);
  assert.equal(uidProblem(recorded, "one"), undefined);
  assert.equal(
    uidProblem(recorded, "two"),
    "identity: this stack was deployed to the cluster one, now the API is that of two: its database is another one or was emptied; restore it from a backup: npm run database -- restore --site <site> --to <time> --into-cluster",
  );
});
