/**
 * Loaded into each process that the launcher starts (`node --import`): when the launcher is gone, however it went, the
 * channel to it closes, and this process goes too. First politely, then for certain.
 */
const GRACE_MS = 8_000

if (process.connected) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // Listening must not keep alive a process that has nothing left to do.
  process.channel?.unref()
}
