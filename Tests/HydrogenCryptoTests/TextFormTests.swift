import HydrogenCrypto
import Testing

