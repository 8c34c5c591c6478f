import HydrogenServer
import HydrogenServices

// A program that is a server, with a channel of its own beside the built-in ones.
let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "farm.json"
let server = try HydrogenServer(configuration: .load(from: path))
try server.register(channel: "printer-farm", service: FarmService(printers: ["left", "right"]))
try server.start()
let signals = drainAtSignals(server)
server.waitUntilStopped()
