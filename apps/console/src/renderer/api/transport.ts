import { openLine, type Line } from './line.js'

/** Where questions and the stream go. `npm run dev` puts the mock API behind them; everywhere else they are the browser's. */
export interface Transport {
  fetch(request: Request): Promise<Response>
  openStream(url: string): Line
}

export const transport: Transport = {
  fetch: (request) => fetch(request),
  openStream: openLine,
}
