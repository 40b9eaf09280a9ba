// Also read by old Node versions: see run.mjs.
const MAJOR = 20;
const MINOR = 9;

/**
 * What to say to a Node that is too old, or null.
 * @param {string} version
 */
export function describeOldNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return null;
  return {
    problem: "Standdown needs Node " + MAJOR + "." + MINOR + " or newer; this is Node " + version + ".",
    next: "Install a current Node from https://nodejs.org, then run the command again.",
  };
}
