import fastify from 'fastify'
import pg from 'pg'
import { randomUUID } from 'node:crypto'

/**
 * `bare-intake <port>`, DATABASE_URL: the least that one could call an API that takes alerts and shows them, in a process of its
 * own: Fastify and pg, one row a delivery, one SELECT a list. No sign-in, no audit, no incidents, no checks.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 })
await pool.query(
  `create table if not exists delivery (id text primary key, received_at timestamptz not null default now(), body jsonb not null)`,
)
const server = fastify({ bodyLimit: 5 * 1024 * 1024 })
server.post('/v1/alerts/alertmanager', async (request, reply) => {
  const id = randomUUID()
  await pool.query({ name: 'add', text: 'insert into delivery (id, body) values ($1, $2)', values: [id, request.body] })
  return reply.status(202).send({ delivery: id })
})
server.get('/v1/alerts', async () => {
  const { rows } = await pool.query({ name: 'list', text: 'select * from delivery order by id desc limit 50' })
  return { items: rows as unknown[], next: null }
})
server.get('/v1/health', async () => ({ live: true }))
await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) })
process.on('SIGTERM', () => void server.close().then(() => pool.end()))
