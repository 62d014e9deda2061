/// Where the HTTP port listens.
struct HTTPAddress: Equatable {
    var host: String
    /// 0: any free one.
    var port: Int
    /// Whether an operator chose the port: then it does not give way.
    var isPortChosen: Bool

    init(_ settings: Settings) throws(ConfigurationFault) {
        host = try settings.string(CommonSetting.httpHost)
        port = try settings.int(CommonSetting.httpPort, in: 0...65_535)
        isPortChosen = try settings.isSet(CommonSetting.httpPort)
    }
}
