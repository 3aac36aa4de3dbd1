internal import Time

/// The few writes that clients may make: Leases, and access reviews, which store nothing.
extension ClusterModel {
  mutating func create(_ call: APICall, _ kind: ResourceKind, _ path: ResourcePath, now: Timestamp) -> APIAnswer {
    guard path.name == nil, let value = try? JSONValue(parsing: call.body),
      let name = value.at("metadata", "name")?.text
    else { return .status(.badRequest("the object provided is unrecognized (must be of type \(kind.kind))")) }
    var named = path
    named.name = name
    var created = value
    created["metadata"]?["creationTimestamp"] = .string(now.formatted(.seconds))
    do {
      let object = try store.create(kind, path.namespace ?? "default", name, uid: newUID(), created)
      return .body(APIBody(status: 201, bytes: object.document))
    } catch {
      return .status(.alreadyExists(named))
    }
  }

  mutating func update(_ call: APICall, _ kind: ResourceKind, _ path: ResourcePath) -> APIAnswer {
    guard let name = path.name, var value = try? JSONValue(parsing: call.body) else {
      return .status(.badRequest("the object provided is unrecognized (must be of type \(kind.kind))"))
    }
    guard let held = store.object(kind, path.namespace ?? "", name) else { return .status(.notFound(path)) }
    let sent = value.at("metadata", "resourceVersion")?.text ?? ""
    let expected: Int? = sent.isEmpty ? nil : Int(sent) ?? -1
    if let created = held.value.at("metadata", "creationTimestamp") {
      value["metadata"]?["creationTimestamp"] = created
    }
    do {
      let object = try store.replace(kind, path.namespace ?? "", name, expected: expected, value)
      return .body(APIBody(bytes: object.document))
    } catch {
      return .status(error == .notFound ? .notFound(path) : .conflict(path))
    }
  }

  /// SelfSubjectAccessReview: answers what the asker may do.
  func review(_ call: APICall, identity: AccessPolicy.Identity) -> APIAnswer {
    guard call.method == "POST" else { return .status(.notAllowed()) }
    guard let value = try? JSONValue(parsing: call.body), let asked = value.at("spec", "resourceAttributes") else {
      return .status(.badRequest("spec.resourceAttributes is required"))
    }
    func text(_ key: String) -> String? { asked[key]?.text.flatMap { $0.isEmpty ? nil : $0 } }
    let resource = [text("resource"), text("subresource")].compactMap(\.self).joined(separator: "/")
    let allowed =
      access == nil
      || identity.rules.contains {
        $0.allows(
          verb: text("verb") ?? "", group: text("group") ?? "", resource: resource, namespace: text("namespace"),
          name: text("name"))
      }
    var answer = value
    answer["status"] = ["allowed": .bool(allowed)]
    return .json(answer, status: 201)
  }
}
