extension HTTPResponse {
    /// The page at `/`: what this is, and where to go.
    static func index(version: String) -> HTTPResponse {
        HTTPResponse(
            status: 200, contentType: "text/html; charset=utf-8",
            headers: [
                (name: "Cache-Control", value: "no-cache"),
                (
                    name: "Content-Security-Policy",
                    value: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
                ),
                (name: "Referrer-Policy", value: "no-referrer"),
            ], body: Array(page(version: escapeHTML(version)).utf8))
    }
}

private func page(version: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Hydrogen \(version)</title>
    <style>
    :root { color-scheme: light dark; }
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; }
    h1 { font-weight: 600; margin-bottom: 0; }
    h1 small { font-weight: 400; opacity: .6; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.5rem; margin-top: 2rem; }
    dd { margin: 0; }
    a { font-family: ui-monospace, monospace; }
    </style>
    </head>
    <body>
    <main>
    <h1>Hydrogen <small>\(version)</small></h1>
    <p>A real-time WebSocket server. This is its side for operators.</p>
    <dl>
    <dt><a href="/metrics">/metrics</a></dt><dd>counters and histograms, for Prometheus</dd>
    <dt><a href="/status">/status</a></dt><dd>the server at a glance, as JSON</dd>
    <dt><a href="/-/healthy">/-/healthy</a></dt><dd>200 while the process serves</dd>
    <dt><a href="/-/ready">/-/ready</a></dt><dd>200 while it takes new connections, 503 and the reason otherwise</dd>
    </dl>
    </main>
    </body>
    </html>

    """
}

private func escapeHTML(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
        switch character {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        default: escaped.append(character)
        }
    }
}
