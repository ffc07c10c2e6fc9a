// A mail server that is not ours: npm's smtp-server, and mailparser for what it gets.
//   server.mjs MODE [KEY.pem CERT.pem]
// MODE: plain (no TLS, no sign-in), sender (as plain, and takes no mail from us), auth (STARTTLS, sign-in required), stripped (sign-in offered, STARTTLS taken away).
// Who a mail is for says what becomes of it: bounce@ is refused, later@ is put off, policy@ is refused by policy, and
// after drop@ had its mail the connection ends without an answer. A line of JSON for everything that happens.
import { readFileSync } from 'node:fs'
import { SMTPServer } from 'smtp-server'
import { simpleParser } from 'mailparser'

const [mode, key, cert] = process.argv.slice(2)
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')
const refused = (code, text) => Object.assign(new Error(text), { responseCode: code })

const open = mode === 'plain' || mode === 'sender'
const server = new SMTPServer({
  authOptional: open,
  disabledCommands: open ? ['STARTTLS', 'AUTH'] : mode === 'stripped' ? ['STARTTLS'] : [],
  allowInsecureAuth: mode === 'stripped',
  ...(key ? { key: readFileSync(key), cert: readFileSync(cert) } : {}),
  onAuth(auth, session, done) {
    say({ event: 'auth', user: auth.username, password: auth.password, secure: session.secure })
    if (auth.password === 'right') return done(null, { user: auth.username })
    done(refused(535, '5.7.8 wrong'))
  },
  onMailFrom(address, session, done) {
    done(mode === 'sender' ? refused(550, '5.1.1 nobody of that name') : undefined)
  },
  onRcptTo(address, session, done) {
    if (address.address.startsWith('bounce@')) return done(refused(550, '5.1.1 nobody here'))
    if (address.address.startsWith('later@')) return done(refused(451, '4.7.1 come again'))
    if (address.address.startsWith('policy@')) return done(refused(550, '5.7.1 not from you'))
    done()
  },
  onData(stream, session, done) {
    simpleParser(stream).then((mail) => {
      say({
        event: 'mail', secure: session.secure, user: session.user ?? null,
        from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((r) => r.address),
        subject: mail.subject, text: mail.text, html: mail.html || null, messageId: mail.messageId,
        fromName: mail.from?.value[0]?.name ?? '', headers: mail.headerLines.map((h) => h.key),
      })
      if (session.envelope.rcptTo[0].address.startsWith('drop@')) return server.connections.forEach((c) => c._socket.destroy())
      done(null, 'taken')
    }, done)
  },
})
server.on('error', () => {}) // a client that goes away is no concern of ours
server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.server.address().port }))
