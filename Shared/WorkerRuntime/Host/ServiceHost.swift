import Glibc
import Logging
import ServiceLifecycle
import Telemetry

/// Runs a service as a process: configuration, logs, metrics, broker, health, graceful stop.
public enum ServiceHost {
    /// Between a stop that ran out of time and the process's forced end.
    static let cancellationTime: Duration = .seconds(5)

    /// Runs the service until SIGTERM or SIGINT, and ends the process.
    ///
    /// Exit status: 0 after a graceful stop, 64 for a wrong command line, 78 for a wrong
    /// configuration (with one sentence on standard error), else 1.
    /// - Parameter build: makes the service's parts; a ``ConfigurationFault`` it throws is reported
    ///   as those of the host are.
    public static func run(
        _ description: ServiceDescription,
        _ build: (ServiceContext) async throws -> ServiceParts
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        do {
            let flags = try CommandLineFlags(
                CommandLine.arguments.dropFirst(), settings: description.settings)
            if flags.asksForHelp {
                end(ExitStatus.done, HelpText.of(description), on: STDOUT_FILENO)
            }
            if flags.asksForVersion {
                end(
                    ExitStatus.done, "\(description.name) \(description.version)\n",
                    on: STDOUT_FILENO)
            }
            let settings = try await Settings(description, flags: flags.values)
            let process = try ServiceProcess(description, settings)
            try await process.run(build)
            exit(ExitStatus.done)
        } catch let fault as UsageFault {
            end(ExitStatus.usage, "\(description.name): \(fault); see --help\n")
        } catch let fault as ConfigurationFault {
            end(ExitStatus.configuration, "\(description.name): \(fault)\n")
        } catch {
            end(ExitStatus.failed, "\(description.name): stopped by a failure: \(error)\n")
        }
    }

    private static func end(
        _ status: Int32, _ text: String, on descriptor: Int32 = STDERR_FILENO
    ) -> Never {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { break }
            bytes = bytes.dropFirst(written)
        }
        exit(status)
    }
}
