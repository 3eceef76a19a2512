import * as pulumi from "@pulumi/pulumi";
import program from "../../stacks/index.ts";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
}

export interface MockedStack {
  readonly resources: Registered[];
  /** Names of the resources that the probes of its components are about. */
  readonly probed: string[];
}

/** What a stack's program registers in a first preview, without an engine. */
export async function previewWithMocks(stack: string): Promise<MockedStack> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({ outputs: {}, secretOutputNames: [] }),
    },
    "tandem",
    stack,
    true,
    "organization",
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    readonly resources: ReadonlyMap<string, { readonly state: object }>;
  };
  await pulumi.runtime.runInPulumiStack(program);
  await pulumi.runtime.disconnect();
  return {
    resources: registered.filter(({ type }) => type !== "pulumi:pulumi:Stack"),
    probed: [...monitor.resources.values()].flatMap(({ state }) => probesIn(state)).map(({ resource }) => resource),
  };
}

/** What a component registered as its outputs is a message of the protocol; of other resources the mocks keep plain inputs. */
function probesIn(state: object): readonly { readonly resource: string }[] {
  if (!("toJavaScript" in state)) return [];
  const outputs = (state as { toJavaScript(): { readonly probes?: readonly { readonly resource: string }[] } }).toJavaScript();
  return outputs.probes ?? [];
}
