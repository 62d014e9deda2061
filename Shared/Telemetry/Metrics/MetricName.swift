/// Names and texts of the Prometheus text format.
enum MetricName {
    /// A label of swift-metrics as a Prometheus name: `[a-zA-Z_:][a-zA-Z0-9_:]*`, other characters
    /// become `_`.
    static func metric(_ label: String, suffix: String = "") -> String {
        let name = sanitised(label, allowing: ":")
        return suffix.isEmpty || name.hasSuffix(suffix) ? name : name + suffix
    }

    /// A dimension's name: as a metric's, without colons.
    static func label(_ name: String) -> String { sanitised(name, allowing: "_") }

    private static func sanitised(_ text: String, allowing extra: Unicode.Scalar) -> String {
        var name = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_", extra: name.append(scalar)
            case "0"..."9":
                if name.isEmpty { name.append("_") }
                name.append(scalar)
            default: name.append("_")
            }
        }
        return name.isEmpty ? "_" : String(name)
    }

    /// A label value between its quotes: backslash, quote and line feed are escaped.
    static func escapedValue(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": out.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    /// The text of a HELP line: backslash and line feed are escaped, quotes are not.
    static func escapedHelp(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
