// Preloaded into the servers that a command starts: when that command is killed, its channel closes and they end too.
if (process.connected) {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref(); // to listen is no reason to stay
}
