// A real cluster from nothing to nothing. One cluster for all tests, in this order; each leaves it whole.
import "./making.ts";
import "./power.ts";
import "./disk.ts";
