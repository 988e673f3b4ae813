/** The two ways out of the page. `npm run dev` puts the mock API behind them; everywhere else they are the browser's. */
export interface Transport {
  fetch(request: Request): Promise<Response>
  openStream(url: string): EventSource
}

export const transport: Transport = {
  fetch: (request) => fetch(request),
  openStream: (url) => new EventSource(url),
}
