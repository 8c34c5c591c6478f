// One target of ours on libFuzzer: `HYDROGEN_FUZZ_TARGET=NAME fuzz [options of libFuzzer] [CORPUS…]`. `Scripts/fuzz`
// builds it and calls it.
import CLibFuzzer
import Glibc

private let wanted = getenv("HYDROGEN_FUZZ_TARGET").map { String(cString: $0) } ?? ""
guard FuzzTarget(rawValue: wanted) != nil else {
    print("HYDROGEN_FUZZ_TARGET is one of: " + FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))
    exit(64)
}

var count = CommandLine.argc
var arguments = Optional(CommandLine.unsafeArgv)
exit(
    withUnsafeMutablePointer(to: &arguments) { arguments in
        arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
            LLVMFuzzerRunDriver(&count, $0) { data, size in
                FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
    })
