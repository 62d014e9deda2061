import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals
import WorkerRuntime

/// The secrets that events may be signed with: one, or two while the provider replaces one by another.
/// They are read at the start and again at SIGHUP; a file that is wrong by then changes nothing.
final class SigningSecrets: Sendable {
    /// Valid at once.
    static let most = 2
    /// Characters of each; Stripe's have 38.
    static let length = 16...255
    /// Stripe's secrets begin so; an API key put there by mistake does not.
    static let prefix = "whsec_"

    static let complaint =
        "names a file that does not hold one or two signing secrets (\(prefix)…), one a line"

    private let load: @Sendable () throws(ConfigurationFault) -> [[UInt8]]
    private let secrets: Mutex<[[UInt8]]>

    /// - Parameter load: reads and checks them.
    init(
        _ load: @escaping @Sendable () throws(ConfigurationFault) -> [[UInt8]]
    ) throws(ConfigurationFault) {
        self.load = load
        secrets = Mutex(try load())
    }

    /// Those that are valid now.
    var current: [[UInt8]] { secrets.withLock { $0 } }

    /// Reads them again.
    /// - Returns: how many are valid now.
    /// - Throws: `ConfigurationFault`, and those of before stay.
    func reload() throws(ConfigurationFault) -> Int {
        let fresh = try load()
        secrets.withLock { $0 = fresh }
        return fresh.count
    }

    /// One secret a line; blanks around it and empty lines are skipped. Nil where a line is none, or
    /// there are none or too many.
    static func parse(_ text: String) -> [[UInt8]]? {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty }
        guard (1...most).contains(lines.count) else { return nil }
        for line in lines {
            guard line.hasPrefix(prefix), length.contains(line.utf8.count),
                line.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
        }
        return lines.map { Array($0.utf8) }
    }
}

extension Substring {
    fileprivate func trimming(while isBlank: (Character) -> Bool) -> Substring {
        let front = drop(while: isBlank)
        guard let last = front.lastIndex(where: { !isBlank($0) }) else { return "" }
        return front[...last]
    }
}

/// Reads the secrets again at each SIGHUP, so that one can be replaced without a pause.
struct SecretReload: Service {
    let secrets: SigningSecrets
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do throws(ConfigurationFault) {
                let count = try secrets.reload()
                logger.notice("signing secrets read again", metadata: ["secrets": "\(count)"])
            } catch {
                logger.error(
                    "the signing secrets cannot be read again, those of before stay",
                    metadata: ["cause": "\(error)"])
            }
        }
    }
}
