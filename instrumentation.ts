/** Next calls this once when the server starts; never wanted while it builds. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs" && process.env.NEXT_PHASE !== "phase-production-build") {
    const { prepareServer } = await import("./instrumentation-node");
    await prepareServer();
  }
}
