internal import Kubernetes

/// Lists and the opening of watches, with the meanings that the API server of 1.20 gives resourceVersion, limit and
/// continue. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
struct Listing {
  let store: ObjectStore
  let kind: ResourceKind
  let options: SimulatedCluster.Options

  func list(_ call: APICall, _ path: ResourcePath) -> APIAnswer {
    let selection: Selection
    switch self.selection(call, path) {
    case .refused(let status): return .status(status)
    case .of(let found): selection = found
    }
    var limit = 0
    if let text = call["limit"], !text.isEmpty {
      guard let value = Int(text), value >= 0 else {
        return .status(.badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax"))
      }
      limit = value
    }
    if let text = call["continue"], !text.isEmpty {
      guard let token = ContinueToken(text) else {
        return .status(.badRequest("invalid continue token: continue key is not valid"))
      }
      return page(selection, limit: limit, at: token.revision, after: token.after)
    }
    let asked = call["resourceVersion"] ?? ""
    guard !asked.isEmpty else { return page(selection, limit: limit, at: nil, after: nil) }
    guard let revision = Int(asked), revision >= 0 else { return .status(.badResourceVersion(asked)) }
    if call["resourceVersionMatch"] == "Exact" {
      return page(selection, limit: limit, at: revision, after: nil)
    }
    guard revision <= store.revision else { return .status(.tooLarge(revision, current: store.revision)) }
    // What is served from the watch cache (0, or anything it has) is served whole.
    return page(selection, limit: revision == 0 ? 0 : limit, at: nil, after: nil)
  }

  private func page(_ selection: Selection, limit: Int, at past: Int?, after key: String?) -> APIAnswer {
    let held: [StoredObject]
    do {
      held = try store.list(kind, at: past)
    } catch {
      if let key { return .status(.continueExpired(fresh: ContinueToken(revision: nil, after: key).text)) }
      if case .tooLarge(let current) = error { return .status(.tooLarge(past ?? 0, current: current)) }
      return .status(.listExpired)
    }
    let matching = held.filter { object in key.map { object.key > $0 } ?? true && selection.includes(object) }
    let page = limit > 0 ? matching.prefix(limit) : matching[...]
    let revision = past ?? store.revision
    var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
    if page.count < matching.count, let last = page.last {
      metadata["continue"] = .string(ContinueToken(revision: revision, after: last.key).text)
      if selection.isUnfiltered { metadata["remainingItemCount"] = JSONValue(matching.count - page.count) }
    }
    var bytes = Array(#"{"kind":"\#(kind.kind)List","apiVersion":"\#(kind.apiVersion)","metadata":"#.utf8)
    bytes.reserveCapacity(page.reduce(256) { $0 + $1.body.count + 1 })
    metadata.encode(into: &bytes)
    bytes += #","items":["#.utf8
    for (index, object) in page.enumerated() {
      if index > 0 { bytes.append(0x2C) }
      bytes += object.body
    }
    bytes += "]}".utf8
    return .body(APIBody(bytes: bytes))
  }

  func watch(_ call: APICall, _ path: ResourcePath) -> APIAnswer {
    let selection: Selection
    switch self.selection(call, path) {
    case .refused(let status): return .status(status)
    case .of(let found): selection = found
    }
    let asked = call["resourceVersion"] ?? ""
    guard let revision = asked.isEmpty ? 0 : Int(asked), revision >= 0 else {
      return .status(.badResourceVersion(asked))
    }
    var wantsInitial = revision == 0
    var marksEnd = false
    if call.flag("sendInitialEvents") {
      switch options.watchList {
      case .ignored: break
      case .rejected:
        return .status(
          APIStatus(
            code: 422,
            message: "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is "
              + "forbidden for watch unless the WatchList feature gate is enabled",
            reason: "Invalid", details: ["group": "meta.k8s.io", "kind": "ListOptions"]))
      case .supported:
        wantsInitial = true
        marksEnd = call.flag("allowWatchBookmarks")
      }
    }
    let initial = wantsInitial ? ((try? store.list(kind)) ?? []).filter(selection.includes) : []
    return .watch(
      WatchCursor(
        kind: kind, selection: selection, allowsBookmarks: call.flag("allowWatchBookmarks"),
        timeout: call["timeoutSeconds"].flatMap(Int.init).flatMap { $0 > 0 ? .seconds($0) : nil },
        position: wantsInitial ? store.revision : revision, initial: initial, marksInitialEnd: marksEnd))
  }

  private enum Selected {
    case of(Selection)
    case refused(APIStatus)
  }

  private func selection(_ call: APICall, _ path: ResourcePath) -> Selected {
    var selection = Selection(namespace: path.namespace)
    if let text = call["labelSelector"], !text.isEmpty {
      guard let labels = LabelSelector(text) else {
        return .refused(
          .badRequest("unable to parse requirement: found '\(text)', expected: '=', '!=', '==', 'in', notin'"))
      }
      selection.labels = labels
    }
    if let text = call["fieldSelector"], !text.isEmpty {
      let fields = FieldSelector(text)
      if let field = fields.unsupported(for: kind) {
        return .refused(.badRequest("field label not supported: \(field)"))
      }
      selection.fields = fields
    }
    return .of(selection)
  }
}
