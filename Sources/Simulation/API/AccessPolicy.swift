/// Who may do what: bearer tokens, and for each a user with role rules, as RBAC has them.
package struct AccessPolicy: Sendable, Equatable {
  /// A rule of a Role or ClusterRole. `*` stands for all.
  package struct Rule: Sendable, Equatable {
    package var verbs: Set<String>
    /// "" is the core group.
    package var group: String
    /// Plurals, with subresources as "pods/log".
    package var resources: Set<String>
    /// Nil for every namespace and the cluster's scope.
    package var namespaces: Set<String>?
    /// Nil for every name.
    package var names: Set<String>?

    package init(
      _ verbs: Set<String>, group: String = "", _ resources: Set<String>, namespaces: Set<String>? = nil,
      names: Set<String>? = nil
    ) {
      self.verbs = verbs
      self.group = group
      self.resources = resources
      self.namespaces = namespaces
      self.names = names
    }

    func allows(verb: String, group: String, resource: String, namespace: String?, name: String?) -> Bool {
      (verbs.contains(verb) || verbs.contains("*")) && (self.group == group || self.group == "*")
        && (resources.contains(resource) || resources.contains("*"))
        && (namespaces.map { allowed in namespace.map(allowed.contains) ?? false } ?? true)
        && (names.map { allowed in name.map(allowed.contains) ?? false } ?? true)
    }
  }

  /// A user and what the user may do.
  package struct Identity: Sendable, Equatable {
    package var user: String
    package var rules: [Rule]

    package init(user: String, rules: [Rule]) {
      self.user = user
      self.rules = rules
    }
  }

  /// Users by their bearer token.
  package var identities: [String: Identity]

  package init(identities: [String: Identity]) {
    self.identities = identities
  }

  /// The rights that the controller is promised to need, and nothing besides: it reads, and writes one Lease by its name.
  package static func observerRules(lease: String, in namespace: String) -> [Rule] {
    [
      Rule(["get", "list", "watch"], ["pods", "pods/log", "events", "configmaps"]),
      Rule(["get", "list", "watch"], group: "apps", ["deployments", "replicasets"]),
      Rule(["get", "update"], group: "coordination.k8s.io", ["leases"], namespaces: [namespace], names: [lease]),
    ]
  }

  /// The observer's ServiceAccount behind one token, with the names that the chart gives.
  package static func observer(token: String) -> AccessPolicy {
    AccessPolicy(identities: [
      token: Identity(
        user: "system:serviceaccount:kube-mind:observer",
        rules: observerRules(lease: "kube-mind-observer", in: "kube-mind"))
    ])
  }

  /// Who asks: nil for a token that nobody has. Without a token it is the anonymous user, who may do nothing.
  func identity(authorization: String?) -> Identity? {
    guard let authorization else { return Identity(user: "system:anonymous", rules: []) }
    let words = authorization.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return identities[String(words[1])]
  }
}

extension AccessPolicy.Identity {
  func may(_ verb: String, _ path: ResourcePath) -> Bool {
    let resource = path.subresource.map { "\(path.resource)/\($0)" } ?? path.resource
    return rules.contains {
      $0.allows(verb: verb, group: path.group, resource: resource, namespace: path.namespace, name: path.name)
    }
  }
}
