import { app } from 'electron'
import { ElectronDesktop } from '../electron.js'
import { desktopContract } from './contract.js'

/** The contract of the port, in Electron's own program: `ok` or `not ok` a line, and an exit that says the same. */
const desktop = new ElectronDesktop()
void desktop.ready().then(async () => {
  let failed = 0
  for (const [says, check] of desktopContract)
    await check(desktop).then(
      () => process.stdout.write(`ok ${says}\n`),
      (error: unknown) => {
        failed++
        process.stdout.write(`not ok ${says}: ${String(error)}\n`)
      },
    )
  app.exit(failed === 0 ? 0 : 1)
})
