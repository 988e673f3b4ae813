if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(
    `Node ${process.versions.node} is too old for the API: start it through npm (npm start), which brings its own.\n`,
  )
  process.exit(1)
}

const { serve } = await import('./serve.js')
await serve()

export {}
