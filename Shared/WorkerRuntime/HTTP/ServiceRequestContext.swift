public import Hummingbird
public import NIOCore

/// What is known of a request before it is known who asks.
public struct ServiceRequestContext: RequestContext, RemoteAddressRequestContext {
    /// What Hummingbird keeps.
    public var coreContext: CoreRequestContextStorage
    /// The client's address, nil where the connection is gone already.
    public let remoteAddress: SocketAddress?
    /// Set by ``Authentication``.
    var principal: Principal?

    /// The context of a request on that connection.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

/// What is known of a request once it is known who asks.
public struct PrincipalRequestContext: ChildRequestContext {
    /// What Hummingbird keeps.
    public var coreContext: CoreRequestContextStorage
    /// Who asks; may do what the request's method asks for.
    public let principal: Principal

    /// - Throws: 401, where ``Authentication`` has not let the request through.
    public init(context: ServiceRequestContext) throws {
        guard let principal = context.principal else { throw HTTPError(.unauthorized) }
        coreContext = context.coreContext
        self.principal = principal
    }
}

extension Router<ServiceRequestContext> {
    /// The routes below `path` that only known principals reach: readers by GET and HEAD, operators
    /// by every method. All others are answered 401 or 403, with a JSON body `{"error": "…"}`.
    public func authenticated(
        _ path: RouterPath, by tokens: AccessTokens
    ) -> RouterGroup<PrincipalRequestContext> {
        group(path).add(middleware: Authentication(tokens: tokens))
            .group(context: PrincipalRequestContext.self)
    }
}
