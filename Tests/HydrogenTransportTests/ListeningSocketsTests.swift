import Glibc
import Testing

@testable import HydrogenTransport

@Suite struct ListeningSocketsTests {
    @Test func loopsShareTheFoundPort() throws {
        var sockets = try ListeningSockets.open(address: "127.0.0.1", enableIPv6: true, port: 0, loopCount: 3)
        #expect(sockets.count == 3)
        #expect(sockets[0].port != 0)
        #expect(sockets.allSatisfy { $0.port == sockets[0].port && $0.descriptors.count == 1 })
        for index in sockets.indices { sockets[index].close() }
    }

    @Test func everyInterfaceListensOnBothFamilies() throws {
        var both = try ListeningSockets.open(address: "0.0.0.0", enableIPv6: true, port: 0, loopCount: 1)
        var one = try ListeningSockets.open(address: "0.0.0.0", enableIPv6: false, port: 0, loopCount: 1)
        let hasIPv6 = access("/proc/net/if_inet6", F_OK) == 0
        #expect(both[0].descriptors.count == (hasIPv6 ? 2 : 1))
        #expect(one[0].descriptors.count == 1)
        both[0].close()
        one[0].close()
    }

    @Test func aTextThatIsNoAddressIsAFault() {
        #expect(throws: TransportError.listen(address: "somewhere", port: 0, code: EINVAL)) {
            _ = try ListeningSockets.open(address: "somewhere", enableIPv6: true, port: 0, loopCount: 1)
        }
    }
}
