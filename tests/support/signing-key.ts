import { generateKeyPairSync, type JsonWebKey, randomUUID, sign } from "node:crypto";

/** A key that signs JWTs (RS256): of a client (`private_key_jwt`, RFC 7523), or of who signs people in. */
export class SigningKey {
  /** Its name in the key set. */
  readonly id: string;
  readonly #pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

  constructor(id: string) {
    this.id = id;
  }

  /** The public half, as a key set has it. */
  get publicKey(): JsonWebKey {
    const { publicKey } = this.#pair;
    return { ...publicKey.export({ format: "jwk" }), kid: this.id, alg: "RS256", use: "sig" };
  }

  /** Both halves. */
  get privateKey(): JsonWebKey {
    return { ...this.#pair.privateKey.export({ format: "jwk" }), ...this.publicKey };
  }

  /** Says who asks for a token, and of whom. Good for one request. */
  assertClient(clientId: string, audience: string): string {
    const now = Math.floor(Date.now() / 1000);
    return this.sign({
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: randomUUID(),
      iat: now,
      exp: now + 300,
    });
  }

  /** A JWT with these claims and no other. */
  sign(claims: object, header: object = {}): string {
    const head = { alg: "RS256", typ: "JWT", kid: this.id, ...header };
    const signed = `${encode(head)}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), this.#pair.privateKey);
    return `${signed}.${signature.toString("base64url")}`;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
