internal import Kubernetes
internal import Randomness
internal import Simulation

/// A watch stream made up for measuring: pods of a Deployment that run, crash and wait, in the proportions of a recorded
/// stream (4.6 KB an event, 35 % of it managedFields).
enum WatchCorpus {
  /// The stream of `events` MODIFIED events, the same for the same seed.
  static func stream(events: Int, encoding: PodEncoding = .json, seed: UInt64 = 1) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(events * 4_800)
    for index in 0..<events {
      let restarts = Int.random(in: 0..<9, using: &random)
      let line = line(pod: index % 500, version: 1_000 + index, restarts: restarts, crashing: restarts % 3 == 0)
      switch encoding {
      case .json: bytes += line.utf8 + [0x0A]
      case .protobuf: bytes += ProtobufAnswer.frame(Array(line.utf8)) ?? []
      }
    }
    return bytes
  }

  /// What decoding one of these pods gives, as far as a reflector reads it.
  static func pod(_ number: Int) -> PodSnapshot {
    PodSnapshot(
      namespace: "bench", name: name(number), uid: uid(number), resourceVersion: "\(number)", phase: "Running")
  }

  private static func name(_ number: Int) -> String { "checkout-65d9d4fdd-\(padded(number, 5))" }

  /// Spread over the whole range, as real ones are.
  private static func uid(_ number: Int) -> String {
    var random = SplitMix64(seed: UInt64(number))
    let digits = padded(random.next(), 16) + padded(random.next(), 16)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text += "-" }
      text.append(digit)
    }
    return text
  }

  private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func line(pod number: Int, version: Int, restarts: Int, crashing: Bool) -> String {
    let state =
      crashing
      ? #"{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s restarting failed container=api"}}"#
      : #"{"running":{"startedAt":"2026-11-23T02:05:57Z"}}"#
    let run = "containerd://a2cabddf4a753ccce86da590c5b5ba8c32210a23bffe8fd1cfc291f69a77fc2f"
    let last =
      #"{"terminated":{"exitCode":1,"reason":"Error","startedAt":"2026-11-23T02:05:40Z","finishedAt":"2026-11-23T02:05:42Z","containerID":"\#(run)"}}"#
    let metadata =
      #""name":"\#(name(number))","generateName":"checkout-65d9d4fdd-","namespace":"bench","uid":"\#(uid(number))","resourceVersion":"\#(version)","creationTimestamp":"2026-11-23T02:05:35Z","labels":{"app":"checkout","pod-template-hash":"65d9d4fdd","team":"payments"},"annotations":{"example.org/commit":"9c1d7fe"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"checkout-65d9d4fdd","uid":"df3eb7ca-3ff4-4f06-a81f-be65761001e5","controller":true,"blockOwnerDeletion":true}],"managedFields":[\#(managers)]"#
    let status =
      #""phase":"Running","conditions":[\#(conditions)],"hostIP":"10.240.0.2","podIP":"10.244.0.3","podIPs":[{"ip":"10.244.0.3"}],"startTime":"2026-11-23T02:05:35Z","containerStatuses":[{"name":"api","state":\#(state),"lastState":\#(restarts > 0 ? last : "{}"),"ready":\#(!crashing),"restartCount":\#(restarts),"image":"registry.example/checkout:1.4.2","imageID":"sha256:3ab89cec7712138a978c26ba2cc92a66bf055b15105f360865c6f3cc91321bfc","containerID":"\#(run)","started":\#(!crashing)}],"qosClass":"Burstable""#
    return
      #"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{\#(metadata)},"spec":{\#(spec)},"status":{\#(status)}}}"#
  }

  private static let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map { type in
    #"{"type":"\#(type)","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-23T02:05:35Z"}"#
  }.joined(separator: ",")

  private static let spec =
    #""volumes":[{"name":"config","configMap":{"name":"checkout-config","defaultMode":420}},{"name":"default-token-w9df9","secret":{"secretName":"default-token-w9df9","defaultMode":420}}],"containers":[{"name":"api","image":"registry.example/checkout:1.4.2","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"envFrom":[{"configMapRef":{"name":"checkout-config"}}],"env":[\#(environment)],"resources":{"limits":{"memory":"64Mi"},"requests":{"cpu":"10m","memory":"16Mi"}},"volumeMounts":[{"name":"config","readOnly":true,"mountPath":"/etc/checkout"},{"name":"default-token-w9df9","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"readinessProbe":{"httpGet":{"path":"/ready","port":"http","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":5,"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":5,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","nodeName":"node-1","securityContext":{},"schedulerName":"default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority""#

  private static let environment = (0..<6).map { #"{"name":"SETTING_\#($0)","value":"value-of-setting-\#($0)"}"# }
    .joined(separator: ",")

  private static let managers: String = {
    let variables = (0..<6).map { #""k:{\"name\":\"SETTING_\#($0)\"}":{".":{},"f:name":{},"f:value":{}}"# }
      .joined(separator: ",")
    let first =
      #"{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-11-23T02:05:35Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{},"f:team":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"df3eb7ca-3ff4-4f06-a81f-be65761001e5\"}":{".":{},"f:apiVersion":{},"f:blockOwnerDeletion":{},"f:controller":{},"f:kind":{},"f:name":{},"f:uid":{}}}},"f:spec":{"f:containers":{"k:{\"name\":\"api\"}":{".":{},"f:env":{".":{},\#(variables)},"f:envFrom":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:readinessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},"f:periodSeconds":{},"f:timeoutSeconds":{}},"f:resources":{".":{},"f:limits":{".":{},"f:memory":{}}},"f:terminationMessagePath":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{}}}}"#
    let second =
      #"{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-11-23T02:05:44Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.244.0.3\"}":{".":{},"f:ip":{}}},"f:startTime":{}}}}"#
    return first + "," + second
  }()
}
