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
 *
 * kine that says how far its watches are: 0.16.4 says that a watch has all up to a revision while news of it are still on their way to the watch, or says of one what
 * is true of another that shares its connection. An API server never takes them up then: its lists lack an object that was acknowledged. With these whoever asks gets a mark that follows the news on the same way (an event without a key), and each watch says how far it is when its mark comes (https://github.com/k3s-io/kine/issues/731).
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
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    text: "\tpolled                *sync.Cond\n",
    corrected: "\tpolled                *sync.Cond\n\tmarkWanted            atomic.Bool\n",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    // At once where all is read already; otherwise with each look until then. A look is asked for once: where none comes of it, as without a database, its own beat goes on.
    // Whoever names no revision waits for that beat.
    text: "\ts.polled.L.Lock()\n\tfor s.polledRev.Load() < revision {\n",
    corrected:
      "\ts.markWanted.Store(true)\n\tif revision > 0 {\n\t\tselect {\n\t\tcase s.notify <- 1 << 62:\n\t\tdefault:\n\t\t}\n\t}\n\ts.polled.L.Lock()\n\tfor s.polledRev.Load() < revision {\n\t\ts.markWanted.Store(true)\n",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    text: "\t\t//  update polled revision to reflect",
    corrected:
      "\t\tif s.markWanted.Swap(false) {\n\t\t\tresult <- server.Events{{KV: &server.KeyValue{ModRevision: pollRevision}}}\n\t\t}\n\n\t\t//  update polled revision to reflect",
  },
  {
    ...kine,
    file: "pkg/logstructured/sqllog/sql.go",
    text: "\t\tif events[0].InRange(key, end) {",
    corrected: '\t\tif events[0].InRange(key, end) || events[0] != nil && events[0].KV.Key == "" {',
  },
  {
    ...kine,
    file: "pkg/broadcaster/broadcaster.go",
    // Whose news were dropped gets no mark behind them.
    text: "go b.unsub(sub, true)\n\t\t\t}",
    corrected: "b.unsub(sub, false)\n\t\t\t}",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    text: "\t\tvar revision int64\n",
    corrected: "\t\tvar revision, mark int64\n",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    // How often a connection asked how far its watches are.
    text: "\tmaxRevision int64\n",
    corrected: "\tmaxRevision int64\n\tasked       atomic.Int64\n",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    text: "\tvar maxRev int64\n",
    corrected: "\tvar maxRev, told int64\n",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    text: "\t// ensure that poll loop is caught up",
    corrected: "\tw.server.asked.Add(1)\n\t// ensure that poll loop is caught up",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    text: "\t\t\t// get max revision from collected events\n",
    corrected:
      '\t\t\tcame := events\n\t\t\tevents = nil\n\t\t\tfor _, e := range came {\n\t\t\t\tif e.KV.Key == "" {\n\t\t\t\t\tmark = e.KV.ModRevision\n\t\t\t\t} else {\n\t\t\t\t\tevents = append(events, e)\n\t\t\t\t}\n\t\t\t}\n\t\t\t// get max revision from collected events\n',
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    // When all that came before the mark is sent.
    text: "\t\t\t\tw.Cancel(id, 0, 0, err)\n\t\t\t}\n\t\t}\n\t}\n",
    corrected:
      "\t\t\t\tw.Cancel(id, 0, 0, err)\n\t\t\t}\n\t\t}\n\t\tif asked := w.server.asked.Load(); mark > 0 && mark >= maxRev && asked != told && progressCh != nil {\n\t\t\tmaxRev, told = mark, asked\n\t\t\tif err := w.server.Send(&etcdserverpb.WatchResponse{Header: txnHeader(mark), WatchId: id}); err != nil {\n\t\t\t\tw.Cancel(id, 0, 0, err)\n\t\t\t}\n\t\t}\n\t}\n",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    text: "\tgo w.server.Send(&etcdserverpb.WatchResponse{Header: txnHeader(rev), WatchId: id})\n",
    corrected: "",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    // With the next look, which tells all connections: one of its own for each of an API server's hundred costs more than all else.
    text:
      '\trevision, err := w.backend.CurrentRevision(ctx)\n\tif err != nil {\n\t\tlogrus.Errorf("Failed to get current revision for ProgressNotify: %v", err)\n\t\treturn\n\t}\n\n' +
      "\tw.backend.WaitForSyncTo(revision)\n\n\tw.RLock()\n\tdefer w.RUnlock()\n\n\t// Send revision to all synced channels\n\tfor _, progressCh := range w.progress {\n\t\tselect {\n" +
      "\t\tcase progressCh <- revision:\n\t\tdefault:\n\t\t}\n\t}\n",
    corrected: "\tw.server.asked.Add(1)\n\tw.backend.WaitForSyncTo(0)\n",
  },
  {
    ...kine,
    file: "pkg/server/watch.go",
    // What is true of a connection is not true of each of its watches.
    text: " else {\n\t\t\twr.Header.Revision = s.maxRevision\n\t\t}",
    corrected: "",
  },
];
