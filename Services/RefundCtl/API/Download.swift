import Foundation
import FoundationNetworking
import Synchronization

/// One HTTP exchange whose body is bounded while it comes in.
final class Download: NSObject, URLSessionDataDelegate {
    private struct State {
        var body: [UInt8] = []
        var isTooLarge = false
        var isChallenged = false
        var continuation: CheckedContinuation<(status: Int, body: [UInt8]), any Error>?
    }

    private let maxBytes: Int
    private let state = Mutex(State())

    private init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Status and body. Throws `unreachable` where no answer came, `refused` for one too long.
    static func run(
        _ request: URLRequest, maxBytes: Int
    ) async throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        let download = Download(maxBytes: maxBytes)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForResource = request.timeoutInterval
        let session = URLSession(
            configuration: configuration, delegate: download, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        do {
            return try await withCheckedThrowingContinuation { continuation in
                download.state.withLock { $0.continuation = continuation }
                session.dataTask(with: request).resume()
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            let address = request.url?.absoluteString ?? ""
            throw CommandFailure(
                .unreachable, "\(address) does not answer: \(error.localizedDescription)")
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = state.withLock { state in
            state.body.append(contentsOf: data)
            state.isTooLarge = state.body.count > maxBytes
            return state.isTooLarge
        }
        if isTooLarge { dataTask.cancel() }
    }

    /// A 401 that asks for Basic credentials: we sent all we have. Foundation on Linux would wait for
    /// others for ever.
    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        let isLogin =
            challenge.protectionSpace.authenticationMethod
            == NSURLAuthenticationMethodHTTPBasic
        guard isLogin else { return completionHandler(.performDefaultHandling, nil) }
        state.withLock { $0.isChallenged = true }
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        let (continuation, ended) = state.withLock { state in
            defer { state.continuation = nil }
            return (state.continuation, state)
        }
        if ended.isChallenged {
            continuation?.resume(returning: (401, ended.body))
        } else if ended.isTooLarge {
            continuation?.resume(
                throwing: CommandFailure(.refused, "the answer is longer than \(maxBytes) bytes"))
        } else if let error {
            continuation?.resume(throwing: error)
        } else {
            let status = (task.response as? HTTPURLResponse)?.statusCode ?? 0
            continuation?.resume(returning: (status, ended.body))
        }
    }
}
