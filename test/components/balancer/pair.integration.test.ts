// A real pair from nothing to nothing. One pair for all tests, in this order; each leaves it whole.
import "./serving.ts";
import "./parsers.ts";
import "./failing.ts";
