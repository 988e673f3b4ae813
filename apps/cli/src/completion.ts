import { GLOBAL, type Command, type Options } from './command.js'

type Shell = 'bash' | 'zsh' | 'fish'

/** Everything that may stand at a place of the command line, from the table of commands. No call of the API is made for it. */
interface Place {
  /** `plans`, `plans list`; empty at the beginning. */
  after: string
  words: readonly { word: string; about: string }[]
}

function placesOf(commands: readonly Command[]): Place[] {
  const prefixes = new Set([
    '',
    ...commands.flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1).join(' '))),
  ])
  return [...prefixes].map((after) => {
    const depth = after === '' ? 0 : after.split(' ').length
    const next = commands
      .filter(({ path }) => path.length > depth && path.slice(0, depth).join(' ') === after)
      .map(({ about, path }) => ({ word: path[depth]!, about: path.length === depth + 1 ? about : `${path[depth]} …` }))
    const found = commands.find(({ path }) => path.join(' ') === after)
    const words = found?.args.flatMap(({ about, words: known = [] }) => known.map((word) => ({ word, about }))) ?? []
    const unique = [...new Map([...next, ...words].map((one) => [one.word, one])).values()]
    return { after, words: [...unique, ...optionsOf(found?.options ?? {})] }
  })
}

const optionsOf = (own: Options) =>
  Object.entries({ ...own, ...GLOBAL }).map(([name, { about }]) => ({ word: `--${name}`, about }))

/** Options whose value is one of few words: `--state`. */
const valuesOf = (commands: readonly Command[]) =>
  commands.flatMap(({ options, path }) =>
    Object.entries(options).flatMap(([name, { words }]) =>
      words ? [{ after: path.join(' '), option: `--${name}`, words }] : [],
    ),
  )

/** Options that take a value, for which the shell offers files or nothing. */
const taking = (commands: readonly Command[]) => [
  ...new Set(
    [...commands.map(({ options }) => options), GLOBAL as Options].flatMap((options) =>
      Object.entries(options).flatMap(([name, { takes }]) => (takes === undefined ? [] : [`--${name}`])),
    ),
  ),
]

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** A completion script. */
export function completion(shell: Shell, commands: readonly Command[]): string {
  return shell === 'fish' ? fish(commands) : shell === 'zsh' ? zsh(commands) : bash(commands)
}

/** Says which command stands on the line so far, in bash and zsh alike: words that are no option and no option's value. */
function lineReader(commands: readonly Command[]): string {
  const known = placesOf(commands)
    .map(({ after }) => after)
    .filter((after) => after !== '')
  return `  local path='' word skip=''
  for word in "\${before[@]}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      ${taking(commands).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "\${path:+$path }$word" in
      ${known.map(quoted).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done`
}

function bash(commands: readonly Command[]): string {
  return `# bash completion for firebreak: source <(firebreak completion bash)
_firebreak() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${lineReader(commands)}
  local words=''
  case "$path $prev" in
${valuesOf(commands)
  .map(({ after, option, words }) => `    ${quoted(`${after} ${option}`)}) words=${quoted(words.join(' '))} ;;`)
  .join('\n')}
  esac
  if [[ -z $words ]]; then
    case $prev in
      ${taking(commands).join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    esac
    case $path in
${placesOf(commands)
  .map(({ after, words }) => `      ${quoted(after)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`)
  .join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _firebreak firebreak
`
}

function zsh(commands: readonly Command[]): string {
  const described = (words: Place['words']) =>
    words.map(({ about, word }) => quoted(`${word.replaceAll(':', '\\:')}:${about}`)).join(' ')
  return `#compdef firebreak
# zsh completion for firebreak: source <(firebreak completion zsh)
_firebreak() {
  local prev=\${words[CURRENT-1]}
  local -a before=("\${(@)words[2,CURRENT-1]}") found
${lineReader(commands)}
  case "$path $prev" in
${valuesOf(commands)
  .map(
    ({ after, option, words }) =>
      `    ${quoted(`${after} ${option}`)}) compadd -- ${words.map(quoted).join(' ')}; return ;;`,
  )
  .join('\n')}
  esac
  case $prev in
    ${taking(commands).join('|')}) _files; return ;;
  esac
  case $path in
${placesOf(commands)
  .map(({ after, words }) => `    ${quoted(after)}) found=(${described(words)}) ;;`)
  .join('\n')}
  esac
  _describe 'firebreak' found
}
if (( $+functions[compdef] )); then compdef _firebreak firebreak; fi
`
}

function fish(commands: readonly Command[]): string {
  const places = placesOf(commands)
  const known = places.map(({ after }) => after).filter((after) => after !== '')
  const lines = places.flatMap(({ after, words }) =>
    words.map(({ about, word }) => {
      const option = word.startsWith('--') ? `-l ${quoted(word.slice(2))}` : `-a ${quoted(word)}`
      const takes = taking(commands).includes(word) ? ' -r' : ''
      return `complete -c firebreak -n ${quoted(`__firebreak_at ${quoted(after)}`)} ${option}${takes} -d ${quoted(about)}`
    }),
  )
  const values = valuesOf(commands).map(
    ({ after, option, words }) =>
      `complete -c firebreak -n ${quoted(`__firebreak_at ${quoted(after)}`)} -l ${quoted(option.slice(2))} -x -a ${quoted(words.join(' '))}`,
  )
  return `# fish completion for firebreak: firebreak completion fish | source
function __firebreak_at
  set -l path ''
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${taking(commands).map(quoted).join(' ')}
        set skip 1
        continue
      case '-*'
        continue
    end
    set -l longer (string trim -- "$path $word")
    switch $longer
      case ${known.map(quoted).join(' ')}
        set path $longer
    end
  end
  test "$path" = "$argv[1]"
end
complete -c firebreak -f
${[...lines, ...values].join('\n')}
`
}
