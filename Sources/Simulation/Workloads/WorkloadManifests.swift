internal import Time

/// The objects of a workload as the API server stores them, defaults filled in, fields in its order.
struct WorkloadManifests {
  let workload: SimulatedWorkload
  /// pod-template-hash.
  let hash: String
  let created: Timestamp

  private var labels: [String: String] { ["app": workload.name] }
  private var podLabels: [String: String] { ["app": workload.name, "pod-template-hash": hash] }
  private var time: JSONValue { .string(created.formatted(.seconds)) }
  var replicaSetName: String { "\(workload.name)-\(hash)" }

  func configMap(_ map: SimulatedWorkload.ConfigMap) -> JSONValue {
    let applied: JSONValue = [
      "apiVersion": "v1", "data": JSONValue(map.data), "kind": "ConfigMap",
      "metadata": ["annotations": [:], "name": .string(map.name), "namespace": .string(workload.namespace)],
    ]
    return [
      "metadata": [
        "name": .string(map.name), "namespace": .string(workload.namespace), "creationTimestamp": time,
        "labels": JSONValue(labels), "annotations": ["kubectl.kubernetes.io/last-applied-configuration": text(applied)],
        "managedFields": [managed("kubectl-client-side-apply", "v1", ["f:data": [".": [:]], "f:metadata": [:]])],
      ],
      "data": JSONValue(map.data),
    ]
  }

  func deployment() -> JSONValue {
    let template: JSONValue = ["metadata": ["labels": JSONValue(labels)], "spec": appliedSpec]
    let applied: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "annotations": JSONValue(workload.annotations), "labels": JSONValue(labels), "name": .string(workload.name),
        "namespace": .string(workload.namespace),
      ],
      "spec": [
        "replicas": JSONValue(workload.replicas), "selector": ["matchLabels": JSONValue(labels)], "template": template,
      ],
    ]
    var annotations = workload.annotations
    annotations["deployment.kubernetes.io/revision"] = "1"
    var all = JSONValue(annotations)
    all["kubectl.kubernetes.io/last-applied-configuration"] = text(applied)
    return [
      "metadata": [
        "name": .string(workload.name), "namespace": .string(workload.namespace), "generation": 1,
        "creationTimestamp": time, "labels": JSONValue(labels), "annotations": all,
        "managedFields": [
          managed("kubectl-client-side-apply", "apps/v1", ["f:metadata": [:], "f:spec": managedSpec]),
          managed("kube-controller-manager", "apps/v1", ["f:status": ["f:conditions": [".": [:]], "f:replicas": [:]]]),
        ],
      ],
      "spec": [
        "replicas": JSONValue(workload.replicas), "selector": ["matchLabels": JSONValue(labels)],
        "template": ["metadata": ["creationTimestamp": nil, "labels": JSONValue(labels)], "spec": podSpec(node: nil)],
        "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"]],
        "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
      ],
      "status": [
        "observedGeneration": 1, "replicas": JSONValue(workload.replicas),
        "updatedReplicas": JSONValue(workload.replicas), "unavailableReplicas": 1,
      ],
    ]
  }

  func replicaSet(ownerUID: String) -> JSONValue {
    [
      "metadata": [
        "name": .string(replicaSetName), "namespace": .string(workload.namespace), "generation": 1,
        "creationTimestamp": time, "labels": JSONValue(podLabels),
        "annotations": [
          "deployment.kubernetes.io/desired-replicas": .string(String(workload.replicas)),
          "deployment.kubernetes.io/revision": "1",
        ],
        "ownerReferences": [owner("apps/v1", "Deployment", workload.name, ownerUID)],
        "managedFields": [managed("kube-controller-manager", "apps/v1", ["f:metadata": [:], "f:spec": managedSpec])],
      ],
      "spec": [
        "replicas": JSONValue(workload.replicas), "selector": ["matchLabels": JSONValue(podLabels)],
        "template": [
          "metadata": ["creationTimestamp": nil, "labels": JSONValue(podLabels)], "spec": podSpec(node: nil),
        ],
      ],
      "status": [
        "replicas": JSONValue(workload.replicas), "fullyLabeledReplicas": JSONValue(workload.replicas),
        "observedGeneration": 1,
      ],
    ]
  }

  /// A pod without a status.
  func pod(name: String, uid: String, ownerUID: String, node: String?) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "generateName": .string(replicaSetName + "-"),
        "namespace": .string(workload.namespace), "uid": .string(uid), "creationTimestamp": time,
        "labels": JSONValue(podLabels),
        "ownerReferences": [owner("apps/v1", "ReplicaSet", replicaSetName, ownerUID)],
        "managedFields": [
          managed("kube-controller-manager", "v1", ["f:metadata": managedMetadata(ownerUID), "f:spec": managedSpec]),
          managed("kubelet", "v1", ["f:status": managedStatus]),
        ],
      ],
      "spec": podSpec(node: node),
    ]
  }

  // MARK: Pieces

  private func owner(_ apiVersion: String, _ kind: String, _ name: String, _ uid: String) -> JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "controller": true, "blockOwnerDeletion": true,
    ]
  }

  private func text(_ value: JSONValue) -> JSONValue {
    .string(String(decoding: value.encoded, as: UTF8.self) + "\n")
  }

  /// The spec as a person writes it.
  private var appliedSpec: JSONValue {
    var spec: JSONValue = ["containers": .array(workload.regularContainers.map { container($0, defaults: false) })]
    if !workload.initContainers.isEmpty {
      spec["initContainers"] = .array(workload.initContainers.map { container($0, defaults: false) })
    }
    return spec
  }

  private func podSpec(node: String?) -> JSONValue {
    var volumes: [JSONValue] = workload.configMaps.map {
      ["name": .string("config-\($0.name)"), "configMap": ["name": .string($0.name), "defaultMode": 420]]
    }
    volumes.append([
      "name": "default-token-vkgvb", "secret": ["secretName": "default-token-vkgvb", "defaultMode": 420],
    ])
    var spec: JSONValue = ["volumes": .array(volumes)]
    if !workload.initContainers.isEmpty {
      spec["initContainers"] = .array(workload.initContainers.map { container($0, defaults: true) })
    }
    spec["containers"] = .array(workload.regularContainers.map { container($0, defaults: true) })
    spec["restartPolicy"] = "Always"
    spec["terminationGracePeriodSeconds"] = 30
    spec["dnsPolicy"] = "ClusterFirst"
    spec["serviceAccountName"] = "default"
    spec["serviceAccount"] = "default"
    if let node { spec["nodeName"] = .string(node) }
    spec["securityContext"] = [:]
    spec["schedulerName"] = "default-scheduler"
    spec["tolerations"] = .array(
      ["not-ready", "unreachable"].map {
        [
          "key": .string("node.kubernetes.io/" + $0), "operator": "Exists", "effect": "NoExecute",
          "tolerationSeconds": 300,
        ]
      })
    spec["priority"] = 0
    spec["enableServiceLinks"] = true
    spec["preemptionPolicy"] = "PreemptLowerPriority"
    return spec
  }

  private func container(_ container: SimulatedWorkload.Container, defaults: Bool) -> JSONValue {
    var value: JSONValue = ["name": .string(container.name), "image": .string(container.image)]
    if !workload.configMaps.isEmpty, !container.isInit {
      value["envFrom"] = .array(workload.configMaps.map { ["configMapRef": ["name": .string($0.name)]] })
    }
    if !container.environment.isEmpty {
      value["env"] = .array(container.environment.map { ["name": .string($0.name), "value": .string($0.value)] })
    }
    value["resources"] =
      container.memoryLimit.map {
        ["limits": ["memory": .string($0)], "requests": ["cpu": "10m", "memory": .string($0)]]
      } ?? [:]
    guard defaults else { return value }
    var mounts: [JSONValue] = workload.configMaps.map {
      ["name": .string("config-\($0.name)"), "readOnly": true, "mountPath": .string("/etc/\($0.name)")]
    }
    mounts.append([
      "name": "default-token-vkgvb", "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
    ])
    value["volumeMounts"] = .array(mounts)
    value["terminationMessagePath"] = "/dev/termination-log"
    value["terminationMessagePolicy"] = "File"
    value["imagePullPolicy"] = "IfNotPresent"
    return value
  }

  // MARK: managedFields, a third of the bytes of a real pod

  private func managed(_ manager: String, _ apiVersion: String, _ fields: JSONValue) -> JSONValue {
    [
      "manager": .string(manager), "operation": "Update", "apiVersion": .string(apiVersion), "time": time,
      "fieldsType": "FieldsV1", "fieldsV1": fields,
    ]
  }

  private func names(_ names: [String]) -> JSONValue {
    .object(names.map { JSONValue.Member($0, [:]) })
  }

  private func managedMetadata(_ ownerUID: String) -> JSONValue {
    [
      "f:generateName": [:], "f:labels": names([".", "f:app", "f:pod-template-hash"]),
      "f:ownerReferences": .object([
        JSONValue.Member(".", [:]),
        JSONValue.Member(
          #"k:{"uid":"\#(ownerUID)"}"#,
          names([".", "f:apiVersion", "f:blockOwnerDeletion", "f:controller", "f:kind", "f:name", "f:uid"])),
      ]),
    ]
  }

  private var managedSpec: JSONValue {
    func entry(_ container: SimulatedWorkload.Container) -> JSONValue.Member {
      let environment = container.environment.map {
        JSONValue.Member(#"k:{"name":"\#($0.name)"}"#, names([".", "f:name", "f:value"]))
      }
      return JSONValue.Member(
        #"k:{"name":"\#(container.name)"}"#,
        [
          ".": [:], "f:env": .object([JSONValue.Member(".", [:])] + environment), "f:image": [:],
          "f:imagePullPolicy": [:], "f:name": [:],
          "f:resources": [
            ".": [:], "f:limits": names([".", "f:memory"]), "f:requests": names([".", "f:cpu", "f:memory"]),
          ], "f:terminationMessagePath": [:], "f:terminationMessagePolicy": [:],
        ])
    }
    var spec: JSONValue = ["f:containers": .object(workload.regularContainers.map(entry))]
    if !workload.initContainers.isEmpty { spec["f:initContainers"] = .object(workload.initContainers.map(entry)) }
    for name in [
      "f:dnsPolicy", "f:enableServiceLinks", "f:restartPolicy", "f:schedulerName", "f:securityContext",
      "f:terminationGracePeriodSeconds",
    ] { spec[name] = [:] }
    return spec
  }

  private var managedStatus: JSONValue {
    let condition = names([
      ".", "f:lastProbeTime", "f:lastTransitionTime", "f:message", "f:reason", "f:status", "f:type",
    ])
    let conditions = ["ContainersReady", "Initialized", "Ready"].map {
      JSONValue.Member(#"k:{"type":"\#($0)"}"#, condition)
    }
    return [
      "f:conditions": .object(conditions), "f:containerStatuses": [:], "f:hostIP": [:], "f:phase": [:],
      "f:podIP": [:], "f:podIPs": [".": [:]], "f:startTime": [:],
    ]
  }
}
