/** A foreseen failure: what happened, and what to do next. Printed without a stack, and the command ends with 1. */
export class CommandError extends Error {
  /**
   * @param {string} problem
   * @param {string} next
   */
  constructor(problem, next) {
    super(problem);
    this.next = next;
  }
}
