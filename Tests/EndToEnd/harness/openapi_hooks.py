"""What schemathesis must know that a JSON Schema cannot say. Loaded by it through SCHEMATHESIS_HOOKS."""

import schemathesis

#: Members that are bounded in bytes of UTF-8, where `maxLength` counts characters.
BOUNDED_IN_BYTES = ("identity", "key")
MAXIMUM = 128


@schemathesis.hook
def filter_body(context, body):
    """Leaves out what the schema allows and the words beside it do not: 128 characters or fewer, of more than 128 bytes."""
    return not is_too_long(body)


def is_too_long(value):
    if isinstance(value, list):
        return any(map(is_too_long, value))
    if not isinstance(value, dict):
        return False
    texts = (value.get(name) for name in BOUNDED_IN_BYTES)
    if any(len(text) <= MAXIMUM < len(text.encode(errors="surrogatepass")) for text in texts if isinstance(text, str)):
        return True
    return any(map(is_too_long, value.values()))
