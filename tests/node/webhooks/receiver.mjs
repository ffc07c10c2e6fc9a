// An endpoint that is not ours, which verifies with npm's standardwebhooks.
//   receiver.mjs: a line of JSON for each request. /slow is never answered, /fail is answered 500 the first time, /down each time,
//   /chatty is answered at length, /gone 410, /redirect 302. POST /secrets {name: [secrets]} says whose deliveries are verified by what.
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')
let secrets = []
let failed = 0

const verifies = (secret, body, headers) => {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch {
    return false
  }
}

const server = createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8')
    const path = request.url
    if (path === '/secrets') {
      secrets = JSON.parse(body)
      return response.writeHead(204).end()
    }
    say({
      path, id: request.headers['webhook-id'], body: JSON.parse(body),
      verified: secrets.map((secret) => verifies(secret, body, request.headers)),
      signatures: request.headers['webhook-signature'].split(' ').length,
    })
    if (path === '/slow') return
    if (path === '/fail' && failed++ === 0) return response.writeHead(500).end()
    if (path === '/down') return response.writeHead(500).end()
    if (path === '/chatty') return response.writeHead(200).end('x'.repeat(1024 * 1024))
    if (path === '/gone') return response.writeHead(410).end()
    if (path === '/redirect') return response.writeHead(302, { Location: 'http://127.0.0.1/elsewhere' }).end()
    response.writeHead(204).end()
  })
})
server.listen(0, '127.0.0.1', () => say({ path: 'listening', port: server.address().port }))
