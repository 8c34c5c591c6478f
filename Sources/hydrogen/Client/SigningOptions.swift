import ArgumentParser
import HydrogenProtocol

/// Which commands a client signs.
struct SigningOptions: ParsableArguments {
    @Option(
        name: .customLong("sign"),
        help: ArgumentHelp(
            "An action that the server wants signed, as its SignedActions names it; may be repeated.",
            valueName: "channel.action"))
    var actions: [String] = []

    func validate() throws {
        for name in self.actions where SignedAction(name) == nil {
            throw ValidationError("'\(name)' is no channel.action.")
        }
    }
}
