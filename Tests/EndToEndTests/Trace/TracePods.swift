internal import Time

@testable internal import Simulation

/// The pods of a trace: twenty of each ReplicaSet, which all run until they are made to fail.
enum TracePods {
  static let namespace = "load"
  private static let replicas = 20

  static func name(_ number: Int) -> String { "pod-\(number)" }

  static func healthy(_ number: Int) -> JSONValue {
    let owner = number / replicas
    return [
      "metadata": [
        "name": .string(name(number)), "namespace": .string(namespace), "labels": ["app": .string("app-\(owner)")],
        "ownerReferences": [
          [
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": .string("app-\(owner)"),
            "uid": .string("rs-\(owner)"), "controller": true,
          ]
        ],
      ],
      "spec": ["nodeName": "node-1", "containers": [["name": "app", "image": "registry.example/app:1"]]],
      "status": [
        "phase": "Running",
        "containerStatuses": [
          [
            "name": "app", "state": ["running": ["startedAt": "2026-11-23T02:05:35Z"]], "lastState": [:],
            "ready": true, "restartCount": 0, "image": "registry.example/app:1",
            "containerID": .string("containerd://run-\(number)-0"),
          ]
        ],
      ],
    ]
  }

  /// A crash loop, an OOM kill before one, an OOM kill that only the past shows, or an image that cannot be pulled.
  static func fail(_ pod: inout JSONValue, _ number: Int, at now: Timestamp) {
    func ended(_ reason: String, _ code: Int) -> JSONValue {
      [
        "terminated": [
          "exitCode": JSONValue(code), "reason": .string(reason), "finishedAt": .string(now.formatted(.seconds)),
          "containerID": .string("containerd://run-\(number)-0"),
        ]
      ]
    }
    var status: JSONValue = ["name": "app", "image": "registry.example/app:1", "restartCount": 1]
    switch number % 4 {
    case 0:
      status["state"] = ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 40s"]]
      status["lastState"] = ended("Error", 1)
    case 1:
      status["state"] = ["waiting": ["reason": "CrashLoopBackOff"]]
      status["lastState"] = ended("OOMKilled", 137)
    case 2:
      status["state"] = ["running": ["startedAt": .string(now.formatted(.seconds))]]
      status["lastState"] = ended("OOMKilled", 137)
    default: status["state"] = ["waiting": ["reason": "ImagePullBackOff", "message": "Back-off pulling image"]]
    }
    pod["status"]?["containerStatuses"] = [status]
  }
}
