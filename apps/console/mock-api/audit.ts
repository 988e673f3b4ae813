import type { Noun } from './noun.js'

/** The newest checkpoint of the pretended log: twenty entries, signed and cosigned with the keys of the tests. */
const checkpoint = [
  'log.example/firebreak',
  '20',
  'ZJfy7YSjCTuA8Xjk6TZuI10V48EZUa07QCGu/YVZ8TM=',
  '',
  '— log.example/firebreak ujbP5WoQyiF3fm9DzVkNEG/Vklrq/zp3zNEPSKqEYHKClLBwyAcUxVdJLU/1WygQTq+pyuj/w2fzxYpavHcs1dBftwM=',
  '— notary.example/1 QrakbQAAAABrBBywruj4qIDpdzm84rtpk8GkKYkNJSQznhmI41VaXhh9pk0/mGxv77r7HugqNF/2iOo/vOSmY5PBO//XvvkOvWuoDQ==',
  '',
].join('\n')

export const audit: Noun = { routes: () => ({ 'GET /v1/audit/checkpoint': () => checkpoint }) }
