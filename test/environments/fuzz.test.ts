import { fuzz } from "./fuzz.ts";

// With few files, because unit tests are to be quick; fuzz.integration.test.ts has more.
fuzz(4);
