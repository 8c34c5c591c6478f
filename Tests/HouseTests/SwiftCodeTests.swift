import Testing

@Suite struct SwiftCodeTests {
    @Test(arguments: [
        ("let a = 1 // try!", "let a = 1 "), ("/* try! */ a", " a"), ("/* a /* b */ c */ d", " d"), ("\"try!\" x", "\"\" x"),
        (##"#"a "try!" b"# c"##, "\"\" c"), (#""\(try! f("x")) y" z"#, #""try! f("")" z"#), (#""a\"b" c"#, "\"\" c"),
        ("\"\"\"\n try! \"x\"\n \"\"\" y", "\"\n\n\" y"), (##"#"\n \#(g()) h"# i"##, "\"g()\" i"), ("a\n// b\nc", "a\n\nc"),
        ("f(\")\") + g(x)", "f(\"\") + g(x)"), (#""\\" a"#, "\"\" a"),
    ])
    func leavesCodeAlone(_ source: String, _ code: String) {
        #expect(SwiftCode.lines(of: source).joined(separator: "\n") == code)
    }
}
