import Hummingbird
import NIOCore
import Telemetry

/// `/healthz`, `/readyz` and `/metrics`.
enum HealthRoutes {
    static func add(
        to router: Router<ServiceRequestContext>, readiness: Readiness, registry: PrometheusRegistry
    ) {
        router.get("/healthz") { _, _ in respond(.ok, #"{"status":"alive"}"#) }
        router.get("/readyz") { _, _ in
            let missing = await readiness.missing()
            return respond(missing.isEmpty ? .ok : .serviceUnavailable, body(missing: missing))
        }
        router.get("/metrics") { _, _ in
            respond(.ok, registry.text(), type: PrometheusRegistry.contentType)
        }
    }

    /// `{"ready":false,"missing":["publisher"]}`; names hold nothing that JSON would escape but
    /// quotes and backslashes.
    static func body(missing: [String]) -> String {
        let names = missing.map { name in
            let escaped = name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            return "\"\(String(escaped))\""
        }
        return #"{"ready":\#(missing.isEmpty),"missing":[\#(names.joined(separator: ","))]}"#
    }

    private static func respond(
        _ status: HTTPResponse.Status, _ text: String, type: String = "application/json"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
