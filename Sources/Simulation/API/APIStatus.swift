/// The `Status` bodies of the API server, word for word as 1.20 writes them.
struct APIStatus: Sendable, Equatable {
  /// HTTP status.
  var code: Int
  /// For a person.
  var message: String
  /// For a machine; empty for a bare 500.
  var reason: String
  /// Name, group and kind of what the request was about.
  var details: JSONValue?
  /// A fresh token, in a 410 of a paged list.
  var continuation: String?

  /// The body, or the object of an ERROR event.
  var value: JSONValue {
    var value: JSONValue = ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure"]
    if let continuation { value["metadata"] = ["continue": .string(continuation)] }
    value["message"] = .string(message)
    if !reason.isEmpty { value["reason"] = .string(reason) }
    if let details { value["details"] = details }
    value["code"] = JSONValue(code)
    return value
  }

  static let unauthorized = APIStatus(code: 401, message: "Unauthorized", reason: "Unauthorized")
  static let unknownPath = APIStatus(
    code: 404, message: "the server could not find the requested resource", reason: "NotFound", details: [:])
  static let notAcceptable = APIStatus(
    code: 406, message: "406: Not Acceptable", reason: "NotAcceptable", details: [:])
  static let listExpired = APIStatus(
    code: 410, message: "The resourceVersion for the provided list is too old.", reason: "Expired")

  static func badRequest(_ message: String) -> APIStatus {
    APIStatus(code: 400, message: message, reason: "BadRequest")
  }

  static func notAllowed() -> APIStatus {
    APIStatus(
      code: 405, message: "the server does not allow this method on the requested resource",
      reason: "MethodNotAllowed", details: [:])
  }

  static func forbidden(_ user: String, _ verb: String, _ path: ResourcePath) -> APIStatus {
    let resource = path.subresource.map { "\(path.resource)/\($0)" } ?? path.resource
    let subject = path.name.map { "\(qualified(path)) \"\($0)\"" } ?? qualified(path)
    let scope = path.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    return APIStatus(
      code: 403,
      message: "\(subject) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(resource)\" in API group "
        + "\"\(path.group)\" \(scope)",
      reason: "Forbidden", details: details(path))
  }

  static func notFound(_ path: ResourcePath) -> APIStatus {
    APIStatus(
      code: 404, message: "\(qualified(path)) \"\(path.name ?? "")\" not found", reason: "NotFound",
      details: details(path))
  }

  static func alreadyExists(_ path: ResourcePath) -> APIStatus {
    APIStatus(
      code: 409, message: "\(qualified(path)) \"\(path.name ?? "")\" already exists", reason: "AlreadyExists",
      details: details(path))
  }

  static func conflict(_ path: ResourcePath) -> APIStatus {
    APIStatus(
      code: 409,
      message: "Operation cannot be fulfilled on \(qualified(path)) \"\(path.name ?? "")\": the object has been "
        + "modified; please apply your changes to the latest version and try again",
      reason: "Conflict", details: details(path))
  }

  static func continueExpired(fresh token: String) -> APIStatus {
    APIStatus(
      code: 410,
      message: "The provided continue parameter is too old to display a consistent list result. You can start a new "
        + "list without the continue parameter, or use the continue token in this response to retrieve the remainder "
        + "of the results. Continuing with the provided token results in an inconsistent list - objects that were "
        + "created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
      reason: "Expired", continuation: token)
  }

  static func watchExpired(_ revision: Int, oldest: Int) -> APIStatus {
    APIStatus(code: 410, message: "too old resource version: \(revision) (\(oldest))", reason: "Expired")
  }

  static func badResourceVersion(_ text: String) -> APIStatus {
    APIStatus(
      code: 500,
      message: "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax",
      reason: "")
  }

  static func tooLarge(_ revision: Int, current: Int) -> APIStatus {
    APIStatus(
      code: 504, message: "Timeout: Too large resource version: \(revision), current: \(current)", reason: "Timeout",
      details: [
        "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
        "retryAfterSeconds": 1,
      ])
  }

  private static func qualified(_ path: ResourcePath) -> String {
    path.group.isEmpty ? path.resource : "\(path.resource).\(path.group)"
  }

  private static func details(_ path: ResourcePath) -> JSONValue {
    var details: JSONValue = [:]
    if let name = path.name { details["name"] = .string(name) }
    if !path.group.isEmpty { details["group"] = .string(path.group) }
    details["kind"] = .string(path.resource)
    return details
  }
}
