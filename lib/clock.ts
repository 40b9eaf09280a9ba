/** The current time in Unix milliseconds; passed in so that tests set it. */
export type Clock = () => number;
export const systemClock: Clock = () => Date.now();
