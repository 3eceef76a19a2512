// Runs that are killed at random moments: five minutes a round on two processors.
import { killedRuns } from "./lab/killed.ts";

// In parts: one test alone would take longer than any test has.
for (const count of [10, 10, 10]) killedRuns(count);
