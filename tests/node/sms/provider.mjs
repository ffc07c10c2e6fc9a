// A provider of SMS with Twilio's API: Messages.json, Basic auth, its errors, its status callbacks signed by npm's twilio.
//   provider.mjs ACCOUNT_SID AUTH_TOKEN
// Who an SMS is for says what becomes of it, as with Twilio's own test numbers: +15005550001 is invalid, …0002 can't be
// reached, …0003 is in a country that the account may not, …0004 has answered STOP, …0009 is no mobile phone; from +15005550007
// nothing may be sent. Beside them: +12025550101 is busy once (429), +12025550102 breaks once (500), +12025550103 loses the answer
// once, +12025550110 is delivered, +12025550111 is sent, then delivered, then told as sent once more, +12025550112 is nobody's
// (undelivered 30005), +12025550113 is switched off once (undelivered 30003), then delivered, +12025550114 tells that it was
// delivered before it answers, and then loses the answer. A line of JSON for everything that happens.
import { createServer } from 'node:http'
import twilio from 'twilio'

const [account, token] = process.argv.slice(2)
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')
const times = new Map()
let made = 0

const errors = {
  '+15005550001': [400, 21211, "Invalid 'To' Phone Number"],
  '+15005550002': [400, 21612, 'Not reachable'],
  '+15005550003': [400, 21408, 'Permission to send an SMS has not been enabled for the region'],
  '+15005550004': [400, 21610, 'Attempt to send to unsubscribed recipient'],
  '+15005550009': [400, 21614, 'Not a mobile number'],
}

async function tell(callback, sid, status, code, to) {
  if (!callback) return
  const fields = { MessageSid: sid, SmsSid: sid, MessageStatus: status, SmsStatus: status, To: to, AccountSid: account, ApiVersion: '2010-04-01' }
  if (code) fields.ErrorCode = String(code)
  const answer = await fetch(callback, {
    method: 'POST', body: new URLSearchParams(fields),
    headers: { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(token, callback, fields) },
  }).catch(() => undefined)
  say({ event: 'told', status, to, answer: answer?.status ?? 0, body: await answer?.text() })
}

async function follow(callback, sid, to, before) {
  if (to === '+12025550110') await tell(callback, sid, 'delivered', 0, to)
  if (to === '+12025550111') for (const status of ['sent', 'delivered', 'sent']) await tell(callback, sid, status, 0, to)
  if (to === '+12025550112') await tell(callback, sid, 'undelivered', 30005, to)
  if (to === '+12025550113') await tell(callback, sid, before ? 'delivered' : 'undelivered', before ? 0 : 30003, to)
}

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += part))
  request.on('end', async () => {
    const reply = (status, object, headers = {}) => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
      response.end(JSON.stringify(object))
    }
    const refuse = (status, code, message, headers) => reply(status, { code, message, more_info: '', status }, headers)
    const basic = 'Basic ' + Buffer.from(`${account}:${token}`).toString('base64')
    if (request.method !== 'POST' || request.url !== `/2010-04-01/Accounts/${account}/Messages.json`) return refuse(404, 20404, 'not found')
    if (request.headers.authorization !== basic) return refuse(401, 20003, 'Authenticate')
    const fields = Object.fromEntries(new URLSearchParams(body))
    const { To: to, From: from, Body: text, StatusCallback: callback } = fields
    if (!/^\+[1-9]\d{6,14}$/.test(to ?? '')) return refuse(400, 21211, "Invalid 'To' Phone Number")
    if (!from) return refuse(400, 21603, "A 'From' phone number is required")
    if (from === '+15005550007') return refuse(400, 21606, "The 'From' number is not a valid, SMS-capable number")
    if (!text) return refuse(400, 21602, 'Message body is required')
    if (errors[to]) return refuse(...errors[to])
    const before = times.get(to) ?? 0
    times.set(to, before + 1)
    if (to === '+12025550101' && before === 0) return refuse(429, 20429, 'Too Many Requests', { 'Retry-After': '1' })
    if (to === '+12025550102' && before === 0) return refuse(500, 20500, 'Internal')
    const sid = 'SM' + String(++made).padStart(32, '0')
    say({ event: 'sms', sid, to, from, text, callback: callback ?? null, key: request.headers['idempotency-key'] ?? null })
    if (to === '+12025550114') await tell(callback, sid, 'delivered', 0, to)
    if ((to === '+12025550103' || to === '+12025550114') && before === 0) return request.socket.destroy()
    reply(201, { sid, status: 'queued', error_code: null, error_message: null, to, from, body: text })
    setTimeout(() => follow(callback, sid, to, before), 50)
  })
})
server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.address().port }))
