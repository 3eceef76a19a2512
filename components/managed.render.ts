/** What the first line of a file says that we write, after its kind of comment. */
export const managed = "Managed by Tandem: changes by hand are found and reported.";
