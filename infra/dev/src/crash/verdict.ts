/*
 * What must be true after all that. Pure: given what was promised and what is found, one sentence a check. It is what the
 * suite stands on, so its spec shows each of these failing, and two wrong programs are played against it in every run.
 */

/** One line of the log, in the log's order. */
export interface Line {
  id: string
  stream: string
  seq: number
  about: string
}

export interface Evidence {
  /** Ids of entries whose commit was acknowledged, and of those whose transaction was rolled back. */
  acknowledged: ReadonlySet<string>
  rolledBack: ReadonlySet<string>
  log: readonly Line[]
  /** Rows of `audit.entry`, leaves, and those that have no partner in the other table. */
  entries: number
  leaves: number
  unpaired: number
  /** Of the writers' business: rows without their entry, and entries without their row. */
  rowsAlone: number
  entriesAlone: number
  /** Root by size, computed anew from the bodies, for every size that anybody signed. */
  roots: ReadonlyMap<number, string>
  published: readonly Published[]
  /** Every checkpoint that the log's key ever signed: size to roots. */
  signed: ReadonlyMap<number, ReadonlySet<string>>
  /** Sizes that the notary said yes to. */
  cosigned: ReadonlySet<number>
  /** Consistency proofs that were made and verified, and pairs whose proof did not hold. */
  proofs: { made: number; broken: string[] }
  /** What a program said when it gave the log up; a zombie is none, it is started again. */
  refusals: readonly string[]
}

export interface Published {
  size: number
  root: string
  /** Verified against the keys of the policy. */
  signed: boolean
  cosigned: boolean
}

export interface Judged {
  what: string
  ok: boolean
  says: string
}

const many = (count: number, one: string, more = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`

export function judge(evidence: Evidence): Judged[] {
  return [
    lost(evidence),
    doubled(evidence),
    rolledBack(evidence),
    leaves(evidence),
    business(evidence),
    streams(evidence),
    roots(evidence),
    signatures(evidence),
    forks(evidence),
    consistency(evidence),
    refusals(evidence),
  ]
}

function lost({ acknowledged, log }: Evidence): Judged {
  const there = new Set(log.map(({ id }) => id))
  const missing = [...acknowledged].filter((id) => !there.has(id))
  return {
    what: 'acknowledged entries are in the log',
    ok: missing.length === 0 && acknowledged.size > 0,
    says: `${missing.length} of ${many(acknowledged.size, 'acknowledged entry', 'acknowledged entries')} lost`,
  }
}

function doubled({ log }: Evidence): Judged {
  const twice = log.length - new Set(log.map(({ id }) => id)).size
  return {
    what: 'no entry is in the log twice',
    ok: twice === 0,
    says: `${twice} of ${many(log.length, 'line')} doubled`,
  }
}

function rolledBack({ rolledBack, log }: Evidence): Judged {
  const found = log.filter(({ id }) => rolledBack.has(id)).length
  return {
    what: 'nothing that was rolled back is in the log',
    ok: found === 0,
    says: `${found} of ${rolledBack.size.toLocaleString('en')} rolled back found`,
  }
}

function leaves({ entries, leaves, unpaired, log }: Evidence): Judged {
  return {
    what: 'every entry has one leaf, every leaf its entry',
    ok: unpaired === 0 && entries === leaves && leaves === log.length,
    says: `${many(entries, 'entry', 'entries')}, ${many(leaves, 'leaf', 'leaves')}, ${unpaired} without the other`,
  }
}

function business({ rowsAlone, entriesAlone }: Evidence): Judged {
  return {
    what: 'a change and its entry came together',
    ok: rowsAlone === 0 && entriesAlone === 0,
    says: `${rowsAlone} rows without entry, ${entriesAlone} entries without row`,
  }
}

/** In the log's own order, each stream counts 0, 1, 2, … */
function streams({ log }: Evidence): Judged {
  const next = new Map<string, number>()
  const astray = new Set<string>()
  let lines = 0
  for (const { stream, seq } of log) {
    if (seq !== (next.get(stream) ?? 0)) {
      astray.add(stream)
      lines++
    }
    next.set(stream, Math.max(seq + 1, next.get(stream) ?? 0))
  }
  return {
    what: 'streams have no gap and stand in their order',
    ok: astray.size === 0,
    says: `${lines} lines out of order in ${astray.size} of ${many(next.size, 'stream')}`,
  }
}

function roots({ published, roots }: Evidence): Judged {
  const wrong = published.filter(({ size, root }) => roots.get(size) !== root)
  return {
    what: 'the root of every published checkpoint, computed anew',
    ok: wrong.length === 0 && published.length > 0,
    says: `${wrong.length} of ${many(published.length, 'checkpoint')} differ`,
  }
}

function signatures({ published }: Evidence): Judged {
  const bad = published.filter(({ signed, cosigned }) => !signed || !cosigned)
  return {
    what: 'every published checkpoint is signed and cosigned',
    ok: bad.length === 0,
    says: `${bad.length} of ${many(published.length, 'checkpoint')} are not`,
  }
}

/** Also of what was signed and never published, because its signer was killed. */
function forks({ published, signed, cosigned, roots }: Evidence): Judged {
  const all = new Map([...signed].map(([size, those]) => [size, new Set(those)]))
  for (const { size, root } of published) all.set(size, new Set(all.get(size)).add(root))
  const forked = [...all].filter(([, those]) => those.size > 1)
  const strange = [...all].filter(([size, those]) => size > 0 && those.size === 1 && !those.has(roots.get(size) ?? ''))
  return {
    what: 'no size was signed with two roots, none with a strange one',
    ok: forked.length === 0 && strange.length === 0,
    says:
      `${forked.length} forks, ${strange.length} strange roots in ${many(all.size, 'signed size')}` +
      ` (${cosigned.size.toLocaleString('en')} cosigned)`,
  }
}

function consistency({ proofs }: Evidence): Judged {
  return {
    what: 'published checkpoints are consistent with each other',
    ok: proofs.broken.length === 0,
    says: `${proofs.broken.length} of ${many(proofs.made, 'consistency proof')} do not hold`,
  }
}

function refusals({ refusals }: Evidence): Judged {
  return {
    what: 'no program gave the log up',
    ok: refusals.length === 0,
    says: refusals.length === 0 ? 'none did' : refusals.join('; ').slice(0, 300),
  }
}
