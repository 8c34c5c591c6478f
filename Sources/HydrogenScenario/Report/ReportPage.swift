import HydrogenConfiguration
import HydrogenProtocol

/// A report: one HTML file that needs nothing else, and asks nobody for anything.
package enum ReportPage {
    /// The file.
    ///
    /// - Parameter command: What made it.
    package static func html(_ runs: [ReportRun], command: String) -> String {
        let about = "Made by hydrogen \(Version.current): \(command)"
        let data = JSONBuild.object([
            ("about", JSONBuild.text(about)), ("runs", JSONBuild.list(runs.map(\.json))),
        ])
        // Nothing in the data ends its element.
        let escaped = data.split(separator: "<", omittingEmptySubsequences: false).joined(separator: "\\u003c")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>Simulation</title>
            <style>
            \(self.text(PackageResources.report_css))</style>
            </head>
            <body>
            <main><div id="run"></div><footer id="about"></footer></main>
            <script type="application/json" id="data">\(escaped)</script>
            <script>
            \(self.text(PackageResources.charts_js))\(self.text(PackageResources.life_js))\(self.text(PackageResources.page_js))</script>
            </body>
            </html>

            """
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
