// Two issuers of panva's oidc-provider on loopback, and a port that changes what they say.
// Prints one line of JSON when they are up: the addresses of all three.
import http from 'node:http';
import { generateKeyPair, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';

const listening = (server) =>
  new Promise((up) => server.listen(0, '127.0.0.1', () => up(`http://127.0.0.1:${server.address().port}`)));

let made = 0;
async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  made += 1;
  return { ...(await exportJWK(privateKey)), kid: `key-${made}`, alg: 'RS256', use: 'sig' };
}

class Issuer {
  people = {};
  keys = [];
  back = [];
  goodbye = [];

  // In the second one an ID token says no address: it is told at the userinfo endpoint alone.
  constructor(name, addressInToken) {
    Object.assign(this, { name, addressInToken });
  }

  async start() {
    this.keys = [await newKey()];
    this.server = http.createServer((asked, answer) => this.handle(asked, answer));
    this.url = await listening(this.server);
    this.renew();
  }

  renew() {
    const provider = new Provider(this.url, {
      clients: [{
        client_id: `curbside-at-${this.name}`,
        client_secret: `a secret + more/of=it for ${this.name}`,
        redirect_uris: this.back.length ? this.back : [`${this.url}/nowhere`],
        post_logout_redirect_uris: this.goodbye,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      }],
      jwks: { keys: this.keys },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      conformIdTokenClaims: !this.addressInToken,
      features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
      pkce: { required: () => true },
      cookies: { keys: ['for tests only'] },
      findAccount: (_, login) => ({
        accountId: login,
        claims: async () => ({ sub: login, ...this.people[login] }),
      }),
    });
    this.handle = provider.callback();
  }
}

const issuers = { lakeside: new Issuer('lakeside', true), harbor: new Issuer('harbor', false) };
for (const issuer of Object.values(issuers)) await issuer.start();

const control = http.createServer(async (asked, answer) => {
  let body = '';
  for await (const part of asked) body += part;
  const { name, people, back, goodbye, rotate } = JSON.parse(body);
  const issuer = issuers[name];
  Object.assign(issuer.people, people);
  issuer.back.push(...(back ?? []));
  issuer.goodbye.push(...(goodbye ?? []));
  if (rotate) issuer.keys = [await newKey(), ...(rotate === 'keep' ? issuer.keys : [])];
  if (back || goodbye || rotate) issuer.renew();
  answer.end('done');
});
const addresses = Object.fromEntries(Object.values(issuers).map(({ name, url }) => [name, url]));
console.log(JSON.stringify({ ...addresses, control: await listening(control) }));
