/// The numbers of `k8s.io/api/core/v1/generated.proto` and `apimachinery/pkg/apis/meta/v1/generated.proto`, as far as simulated and
/// recorded pods have the fields.
extension ProtobufSchema {
  static let podList = ProtobufSchema(["metadata": (1, .message(listMetadata)), "items": (2, .message(pod))])

  static let pod = ProtobufSchema([
    "metadata": (1, .message(metadata)), "spec": (2, .message(podSpec)), "status": (3, .message(podStatus)),
  ])

  static let status = ProtobufSchema([
    "metadata": (1, .message(listMetadata)), "status": (2, .text), "message": (3, .text), "reason": (4, .text),
    "details": (
      5,
      .message(
        ProtobufSchema([
          "name": (1, .text), "group": (2, .text), "kind": (3, .text), "retryAfterSeconds": (5, .number),
        ]))
    ),
    "code": (6, .number),
  ])

  private static let listMetadata = ProtobufSchema([
    "resourceVersion": (2, .text), "continue": (3, .text), "remainingItemCount": (4, .number),
  ])

  private static let metadata = ProtobufSchema([
    "name": (1, .text), "generateName": (2, .text), "namespace": (3, .text), "uid": (5, .text),
    "resourceVersion": (6, .text), "generation": (7, .number), "creationTimestamp": (8, .time),
    "deletionTimestamp": (9, .time), "deletionGracePeriodSeconds": (10, .number), "labels": (11, .map(.text)),
    "annotations": (12, .map(.text)), "ownerReferences": (13, .message(owner)), "finalizers": (14, .text),
    "managedFields": (17, .message(managedFields)),
  ])

  private static let owner = ProtobufSchema([
    "kind": (1, .text), "name": (3, .text), "uid": (4, .text), "apiVersion": (5, .text), "controller": (6, .number),
    "blockOwnerDeletion": (7, .number),
  ])

  private static let managedFields = ProtobufSchema([
    "manager": (1, .text), "operation": (2, .text), "apiVersion": (3, .text), "time": (4, .time),
    "fieldsType": (6, .text), "fieldsV1": (7, .json),
  ])

  private static let podSpec = ProtobufSchema([
    "volumes": (1, .message(ProtobufSchema(["name": (1, .text)]))), "containers": (2, .message(container)),
    "restartPolicy": (3, .text), "terminationGracePeriodSeconds": (4, .number), "dnsPolicy": (6, .text),
    "serviceAccountName": (8, .text), "serviceAccount": (9, .text), "nodeName": (10, .text),
    "schedulerName": (19, .text), "initContainers": (20, .message(container)),
    "tolerations": (
      22,
      .message(
        ProtobufSchema([
          "key": (1, .text), "operator": (2, .text), "value": (3, .text), "effect": (4, .text),
          "tolerationSeconds": (5, .number),
        ]))
    ),
    "priority": (25, .number), "enableServiceLinks": (30, .number), "preemptionPolicy": (31, .text),
    "ephemeralContainers": (34, .embedded(container)),
  ])

  private static let container = ProtobufSchema([
    "name": (1, .text), "image": (2, .text), "command": (3, .text), "args": (4, .text), "workingDir": (5, .text),
    "ports": (
      6,
      .message(ProtobufSchema(["name": (1, .text), "containerPort": (3, .number), "protocol": (4, .text)]))
    ),
    "env": (7, .message(ProtobufSchema(["name": (1, .text), "value": (2, .text)]))),
    "resources": (
      8, .message(ProtobufSchema(["limits": (1, .map(.quantity)), "requests": (2, .map(.quantity))]))
    ),
    "volumeMounts": (
      9, .message(ProtobufSchema(["name": (1, .text), "readOnly": (2, .number), "mountPath": (3, .text)]))
    ),
    "livenessProbe": (10, .message(probe)), "readinessProbe": (11, .message(probe)),
    "terminationMessagePath": (13, .text), "imagePullPolicy": (14, .text), "terminationMessagePolicy": (20, .text),
    "startupProbe": (22, .message(probe)), "restartPolicy": (24, .text),
  ])

  private static let probe = ProtobufSchema([
    "initialDelaySeconds": (2, .number), "timeoutSeconds": (3, .number), "periodSeconds": (4, .number),
    "successThreshold": (5, .number), "failureThreshold": (6, .number),
  ])

  private static let podStatus = ProtobufSchema([
    "phase": (1, .text),
    "conditions": (
      2,
      .message(
        ProtobufSchema([
          "type": (1, .text), "status": (2, .text), "lastProbeTime": (3, .time), "lastTransitionTime": (4, .time),
          "reason": (5, .text), "message": (6, .text),
        ]))
    ),
    "message": (3, .text), "reason": (4, .text), "hostIP": (5, .text), "podIP": (6, .text), "startTime": (7, .time),
    "containerStatuses": (8, .message(containerStatus)), "qosClass": (9, .text),
    "initContainerStatuses": (10, .message(containerStatus)), "nominatedNodeName": (11, .text),
    "podIPs": (12, .message(ProtobufSchema(["ip": (1, .text)]))),
    "ephemeralContainerStatuses": (13, .message(containerStatus)),
  ])

  private static let containerStatus = ProtobufSchema([
    "name": (1, .text), "state": (2, .message(containerState)), "lastState": (3, .message(containerState)),
    "ready": (4, .number), "restartCount": (5, .number), "image": (6, .text), "imageID": (7, .text),
    "containerID": (8, .text), "started": (9, .number),
  ])

  private static let containerState = ProtobufSchema([
    "waiting": (1, .message(ProtobufSchema(["reason": (1, .text), "message": (2, .text)]))),
    "running": (2, .message(ProtobufSchema(["startedAt": (1, .time)]))),
    "terminated": (
      3,
      .message(
        ProtobufSchema([
          "exitCode": (1, .number), "signal": (2, .number), "reason": (3, .text), "message": (4, .text),
          "startedAt": (5, .time), "finishedAt": (6, .time), "containerID": (7, .text),
        ]))
    ),
  ])
}
