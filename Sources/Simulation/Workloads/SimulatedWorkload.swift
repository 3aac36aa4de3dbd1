/// What a team deploys: a Deployment with its containers, its ConfigMaps and what they say. Values only; the kubelet model
/// brings it to life.
package struct SimulatedWorkload: Sendable, Equatable {
  /// Namespace.
  package var namespace: String
  /// Name of the Deployment and value of the label `app`.
  package var name: String
  /// Number of pods.
  package var replicas: Int
  /// Containers in the order of the spec, init containers among them.
  package var containers: [Container]
  /// ConfigMaps that the containers take their environment from and that are mounted.
  package var configMaps: [ConfigMap]
  /// Annotations of the Deployment.
  package var annotations: [String: String]

  package init(
    namespace: String, name: String, replicas: Int = 1, containers: [Container], configMaps: [ConfigMap] = [],
    annotations: [String: String] = [:]
  ) {
    self.namespace = namespace
    self.name = name
    self.replicas = replicas
    self.containers = containers
    self.configMaps = configMaps
    self.annotations = annotations
  }
}

extension SimulatedWorkload {
  /// A container of the pod template.
  package struct Container: Sendable, Equatable {
    package var name: String
    package var image: String
    /// True for an init container.
    package var isInit: Bool
    /// Plain environment variables in order.
    package var environment: [Variable]
    /// e.g. "64Mi"; nil for no limit.
    package var memoryLimit: String?

    package init(
      _ name: String, image: String, isInit: Bool = false, environment: [Variable] = [], memoryLimit: String? = "128Mi"
    ) {
      self.name = name
      self.image = image
      self.isInit = isInit
      self.environment = environment
      self.memoryLimit = memoryLimit
    }
  }

  /// An environment variable with its value in the spec, where it should not be and often is.
  package struct Variable: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A ConfigMap.
  package struct ConfigMap: Sendable, Equatable {
    package var name: String
    package var data: [String: String]

    package init(_ name: String, _ data: [String: String]) {
      self.name = name
      self.data = data
    }
  }

  /// The init containers, in order.
  var initContainers: [Container] { containers.filter(\.isInit) }
  /// The other containers, in order.
  var regularContainers: [Container] { containers.filter { !$0.isInit } }
}
