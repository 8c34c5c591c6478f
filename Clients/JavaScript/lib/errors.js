/** An error of the server, or one of the client's own with the category `client`. */
export class HydrogenError extends Error {
  constructor({ category, code, message, retryable = false, retry_after_ms: retryAfter }, extra) {
    super(message);
    this.name = "HydrogenError";
    Object.assign(this, { category, code, retryable, retryAfter }, extra);
  }

  /** `category.code`, the name of an error everywhere. */
  get fullCode() {
    return `${this.category}.${this.code}`;
  }
}

/** An error of the client's own. */
export function clientError(code, message, extra) {
  return new HydrogenError({ category: "client", code, message }, extra);
}

/** A promise with its ends in hand. */
export function settling() {
  const ends = {};
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return ends;
}

/** Base64url without padding (RFC 4648 §5), as a sub-protocol carries a key. */
export function base64url(text) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
