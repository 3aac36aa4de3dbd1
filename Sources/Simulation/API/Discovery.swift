/// The paths that say what a server is and has: enough for kubectl to find its way.
enum Discovery {
  static func answer(to call: APICall) -> APIAnswer {
    guard call.method == "GET" else { return .status(.notAllowed()) }
    let groups = Set(ResourceKind.allCases.map(\.group)).subtracting([""]).sorted() + ["authorization.k8s.io"]
    switch call.path {
    case ["version"]: return .json(version)
    case ["healthz"], ["readyz"], ["livez"]:
      return .body(APIBody(contentType: "text/plain; charset=utf-8", bytes: Array("ok".utf8)))
    case ["api"]:
      return .json(["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []])
    case ["apis"]:
      return .json(["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(group))])
    case ["api", "v1"]: return .json(resources(of: ""))
    default:
      guard call.path.count >= 2, call.path[0] == "apis", groups.contains(call.path[1]) else {
        return .status(.unknownPath)
      }
      switch call.path.dropFirst(2) {
      case []: return .json(group(call.path[1]))
      case ["v1"]: return .json(resources(of: call.path[1]))
      default: return .status(.unknownPath)
      }
    }
  }

  private static let version: JSONValue = [
    "major": "1", "minor": "20", "gitVersion": "v1.20.2", "gitCommit": "faecb196815e248d3ecfb03c680a4507229c2a56",
    "gitTreeState": "clean", "buildDate": "2021-01-13T13:20:00Z", "goVersion": "go1.15.5", "compiler": "gc",
    "platform": "linux/amd64",
  ]

  private static func group(_ name: String) -> JSONValue {
    let version: JSONValue = ["groupVersion": .string("\(name)/v1"), "version": "v1"]
    return ["name": .string(name), "versions": [version], "preferredVersion": version]
  }

  private static func resources(of group: String) -> JSONValue {
    var resources: [JSONValue] = ResourceKind.allCases.filter { $0.group == group }.map { kind in
      let verbs: JSONValue =
        kind == .lease ? ["create", "get", "list", "update", "watch"] : ["get", "list", "watch"]
      return [
        "name": .string(kind.plural), "singularName": "", "namespaced": true, "kind": .string(kind.kind),
        "verbs": verbs,
      ]
    }
    if group.isEmpty {
      resources.append([
        "name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get"],
      ])
    }
    if group == "authorization.k8s.io" {
      resources.append([
        "name": "selfsubjectaccessreviews", "singularName": "", "namespaced": false,
        "kind": "SelfSubjectAccessReview", "verbs": ["create"],
      ])
    }
    return [
      "kind": "APIResourceList", "groupVersion": .string(group.isEmpty ? "v1" : group + "/v1"),
      "resources": .array(resources),
    ]
  }
}
