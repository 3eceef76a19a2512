import type { Correction } from "./go-build.ts";

const kine = { module: "github.com/k3s-io/kine" } as const;

/**
 * A database that goes away in the middle of an answer: kine 0.16.4 takes what came for the whole answer. A watch that began with such an answer never tells of what
 * was missing, and an API server that lists then keeps a list with holes. With these the question has failed, and is asked again
 * (https://github.com/k3s-io/kine/pull/736).
 *
 * kine that starts while its database goes away, which is when Docker starts it again: it goes on without polling for what is new, and its API
 * server waits forever for news of what it watches, and serves what it knew. kine 0.16.4 does that, and 0.17.5 by its source. With these it ends, and is started
 * anew until the database answers. What ends what deletes expired keys ends it too: nothing else would begin that again.
 */
export const kineCorrections: readonly Correction[] = [
  {
    ...kine,
    file: "pkg/logstructured/logstructured.go",
    text: 'logrus.Errorf("Failed to create health check key: %v", err)',
    corrected: "return err",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    // Of a nil channel nothing ever comes, not even its end.
    text: "s.broadcaster.Subscribe(ctx, s.startWatch)\n\tif err != nil {\n\t\treturn nil\n",
    corrected: "s.broadcaster.Subscribe(ctx, s.startWatch)\n\tif err != nil {\n\t\tclose(res)\n\t\treturn res\n",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    text: "\t\tresult = append(result, event)\n\t}\n\n\treturn rev, compact, result, nil",
    corrected: "\t\tresult = append(result, event)\n\t}\n\n\treturn rev, compact, result, rows.Err()",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    // Without a row the error would be that of the next question.
    text: "\tif revision > 0 && len(result) == 0 {\n\t\t// a zero length",
    corrected: "\tif err != nil {\n\t\treturn 0, nil, err\n\t}\n\tif revision > 0 && len(result) == 0 {\n\t\t// a zero length",
  },
  {
    ...kine,
    file: "pkg/ttl/ttl.go",
    text: 'logrus.Info("TTL events work queue has shut down")',
    corrected: 'if ctx.Err() == nil {\n\t\t\tlogrus.Fatal("TTL events work queue has shut down")\n\t\t}',
  },
];
