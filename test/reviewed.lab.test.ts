// What a review says of changes, against what then happens to a lab of its own.
import "./lab/core/reviewed.ts";
