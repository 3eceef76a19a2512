import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { copyEmptyStack, isCut, mendCutState, readSizes } from "../../../scripts/deploy/file-backend.ts";

const directory = mkdtempSync(join(tmpdir(), "tandem-test-backend-"));
after(() => rmSync(directory, { recursive: true, force: true }));
writeFileSync(join(directory, "Pulumi.yaml"), "name: tandem\n");
const place = { backend: `file://${directory}`, directory };

describe("a backend of files", () => {
  it("tells which stacks it has and how much each holds, without the engine", () => {
    assert.deepEqual(readSizes(place), new Map());
    const stacks = join(directory, ".pulumi", "stacks", "tandem");
    mkdirSync(stacks, { recursive: true });
    const checkpoint = { version: 3, checkpoint: { latest: { resources: [{ urn: "a" }, { urn: "b" }] } } };
    writeFileSync(join(stacks, "lab-dc1.json"), JSON.stringify(checkpoint));
    writeFileSync(join(stacks, "lab-dc1.json.bak"), JSON.stringify(checkpoint));
    writeFileSync(join(stacks, "lab-dc2.json"), JSON.stringify({ version: 3, checkpoint: {} }));
    assert.deepEqual(
      readSizes(place),
      new Map([
        ["lab-dc1", 2],
        ["lab-dc2", 0],
      ]),
    );
  });

  it("has the state before again when a kill cut the one that was being written, and only then", () => {
    const file = join(directory, ".pulumi", "stacks", "tandem", "lab-dc1.json");
    const whole = readFileSync(file, "utf8");
    assert.equal(mendCutState(place, "lab-dc1"), undefined);
    for (const cut of ["", whole.slice(0, 20)]) {
      writeFileSync(file, cut);
      assert.equal(mendCutState(place, "lab-dc1"), "the one before is back");
      assert.equal(readFileSync(file, "utf8"), whole);
    }
    assert.equal(mendCutState(place, "lab-dc9"), undefined);
  });

  it("does not have a stack whose first state a kill cut", () => {
    const file = join(directory, ".pulumi", "stacks", "tandem", "lab-dc3.json");
    writeFileSync(file, "");
    assert.equal(isCut(place, "lab-dc3"), true);
    assert.match(mendCutState(place, "lab-dc3") ?? "", /held nothing yet/);
    assert.equal(existsSync(file), false);
  });

  it("has a stack more that is like an empty one, under its own name", () => {
    const file = (stack: string): string => join(directory, ".pulumi", "stacks", "tandem", `${stack}.json`);
    const made = {
      version: 3,
      checkpoint: { stack: "organization/tandem/lab-dc4", latest: { secrets_providers: { state: "s" } } },
    };
    writeFileSync(file("lab-dc4"), JSON.stringify(made));
    copyEmptyStack(place, "lab-dc4", "lab-dc5-office");
    const copy = { ...made, checkpoint: { ...made.checkpoint, stack: "organization/tandem/lab-dc5-office" } };
    assert.deepEqual(JSON.parse(readFileSync(file("lab-dc5-office"), "utf8")), copy);
  });

  it("is not what another backend is taken for", () => {
    assert.equal(readSizes({ ...place, backend: "s3://states" }), undefined);
  });
});
